/** The messenger for components, and what they read of its model. */
import { useSelector } from '@tanstack/react-store';
import { createContext, useContext } from 'react';
import type { Messenger } from './messenger.ts';
import type { Model } from './model.ts';

export const MessengerContext = createContext<Messenger | undefined>(undefined);

export function useMessenger(): Messenger {
  const messenger = useContext(MessengerContext);
  if (messenger === undefined) throw new Error('there is no messenger around this component');
  return messenger;
}

/** Renders again when what `select` answers is another value. */
export function useModel<T>(select: (model: Model) => T): T {
  return useSelector(useMessenger().model, select);
}
