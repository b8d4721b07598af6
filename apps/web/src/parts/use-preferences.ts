/** The preferences for components, and how they change. */
import { createContext, useContext } from 'react';
import type { Preferences } from './preferences.ts';

export interface ChosenPreferences {
  readonly preferences: Preferences;
  readonly choose: (change: Partial<Preferences>) => void;
}

export const PreferencesContext = createContext<ChosenPreferences | undefined>(undefined);

export function usePreferences(): ChosenPreferences {
  const chosen = useContext(PreferencesContext);
  if (chosen === undefined) throw new Error('there are no preferences around this component');
  return chosen;
}
