/** What two people can compare, read again whenever a key has changed. */
import type { Contact, Verification } from '@mycelium/api';
import { useEffect, useState } from 'react';
import { useMessenger, useModel } from '../state/use-messenger.ts';

/** Undefined: not read yet, or the node is away. */
export function useVerification({ address, safetyNumber }: Contact): Verification | undefined {
  const messenger = useMessenger();
  const link = useModel((model) => model.link);
  const [verification, setVerification] = useState<Verification>();
  useEffect(() => {
    if (link !== 'open') return undefined;
    let isWanted = true;
    void messenger
      .call('contacts.verification', { address })
      .then((answer) => isWanted && setVerification(answer))
      .catch(() => undefined);
    return () => {
      isWanted = false;
    };
  }, [messenger, link, address, safetyNumber]);
  return verification?.safetyNumber === safetyNumber ? verification : undefined;
}
