/** Argon2id version 1.3, one lane (RFC 9106). */
import sodium from 'sodium-native';

interface Argon2idCost {
  readonly memoryBytes: number;
  readonly passes: number;
  readonly length: number;
}

export function argon2id(password: Uint8Array, salt: Uint8Array, cost: Argon2idCost): Uint8Array {
  const key = new Uint8Array(cost.length);
  const { crypto_pwhash_ALG_ARGON2ID13: algorithm } = sodium;
  sodium.crypto_pwhash(key, password, salt, cost.passes, cost.memoryBytes, algorithm);
  return key;
}
