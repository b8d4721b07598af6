/** Two libsignal sessions in memory (Double Ratchet with PQXDH, as libsignal now always does it). */
import * as signal from '@signalapp/libsignal-client';

class Sessions extends signal.SessionStore {
  #record: signal.SessionRecord | null = null;

  saveSession(_name: signal.ProtocolAddress, record: signal.SessionRecord): Promise<void> {
    this.#record = record;
    return Promise.resolve();
  }

  getSession(): Promise<signal.SessionRecord | null> {
    return Promise.resolve(this.#record);
  }

  getExistingSessions(): Promise<signal.SessionRecord[]> {
    return Promise.resolve(this.#record === null ? [] : [this.#record]);
  }
}

class Identity extends signal.IdentityKeyStore {
  readonly key: signal.PrivateKey = signal.PrivateKey.generate();

  getIdentityKey(): Promise<signal.PrivateKey> {
    return Promise.resolve(this.key);
  }

  getLocalRegistrationId(): Promise<number> {
    return Promise.resolve(5);
  }

  saveIdentity(): Promise<signal.IdentityChange> {
    return Promise.resolve(signal.IdentityChange.NewOrUnchanged);
  }

  isTrustedIdentity(): Promise<boolean> {
    return Promise.resolve(true);
  }

  getIdentity(): Promise<signal.PublicKey | null> {
    return Promise.resolve(null);
  }
}

class OneTime extends signal.PreKeyStore {
  savePreKey(): Promise<void> {
    return Promise.resolve();
  }

  getPreKey(): Promise<signal.PreKeyRecord> {
    return Promise.reject(new Error('this bundle has no one-time key'));
  }

  removePreKey(): Promise<void> {
    return Promise.resolve();
  }
}

class Signed extends signal.SignedPreKeyStore {
  readonly #record: signal.SignedPreKeyRecord;

  constructor(record: signal.SignedPreKeyRecord) {
    super();
    this.#record = record;
  }

  saveSignedPreKey(): Promise<void> {
    return Promise.resolve();
  }

  getSignedPreKey(): Promise<signal.SignedPreKeyRecord> {
    return Promise.resolve(this.#record);
  }
}

class Kyber extends signal.KyberPreKeyStore {
  readonly #record: signal.KyberPreKeyRecord;

  constructor(record: signal.KyberPreKeyRecord) {
    super();
    this.#record = record;
  }

  saveKyberPreKey(): Promise<void> {
    return Promise.resolve();
  }

  getKyberPreKey(): Promise<signal.KyberPreKeyRecord> {
    return Promise.resolve(this.#record);
  }

  markKyberPreKeyUsed(): Promise<void> {
    return Promise.resolve();
  }
}

/** Seals at Alice, opens at Bob, one message after the other. */
export async function createDoubleRatchet(): Promise<(plain: Uint8Array<ArrayBuffer>) => Promise<number>> {
  const [aliceAt, bobAt] = [signal.ProtocolAddress.new('alice', 1), signal.ProtocolAddress.new('bob', 1)];
  const [alice, bob] = [new Identity(), new Identity()];
  const [aliceSessions, bobSessions] = [new Sessions(), new Sessions()];
  const signedKey = signal.PrivateKey.generate();
  const signedSeal = bob.key.sign(signedKey.getPublicKey().serialize());
  const kyberKeys = signal.KEMKeyPair.generate();
  const kyberSeal = bob.key.sign(kyberKeys.getPublicKey().serialize());
  const signed = new Signed(
    signal.SignedPreKeyRecord.new(1, 1, signedKey.getPublicKey(), signedKey, signedSeal),
  );
  const kyber = new Kyber(signal.KyberPreKeyRecord.new(1, 1, kyberKeys, kyberSeal));
  const bundle = signal.PreKeyBundle.new(
    5,
    1,
    null,
    null,
    1,
    signedKey.getPublicKey(),
    signedSeal,
    bob.key.getPublicKey(),
    1,
    kyberKeys.getPublicKey(),
    kyberSeal,
  );
  await signal.processPreKeyBundle(bundle, bobAt, aliceAt, aliceSessions, alice);
  const seal = async (from: 'alice' | 'bob', plain: Uint8Array<ArrayBuffer>) =>
    from === 'alice'
      ? signal.signalEncrypt(plain, bobAt, aliceAt, aliceSessions, alice)
      : signal.signalEncrypt(plain, aliceAt, bobAt, bobSessions, bob);
  const greeting = await seal('alice', new Uint8Array(8));
  await signal.signalDecryptPreKey(
    signal.PreKeySignalMessage.deserialize(greeting.serialize()),
    aliceAt,
    bobAt,
    bobSessions,
    bob,
    new OneTime(),
    signed,
    kyber,
  );
  // Bob answers, so that Alice's messages from here on are plain ratchet messages.
  const answer = await seal('bob', new Uint8Array(8));
  const answered = signal.SignalMessage.deserialize(answer.serialize());
  await signal.signalDecrypt(answered, bobAt, aliceAt, aliceSessions, alice);
  return async (plain) => {
    const message = await seal('alice', plain);
    const received = signal.SignalMessage.deserialize(message.serialize());
    const opened = await signal.signalDecrypt(received, aliceAt, bobAt, bobSessions, bob);
    return opened.length;
  };
}
