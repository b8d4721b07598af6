/** How this browser shows the page: kept in it, and nobody else's business. */
import { browserLanguage, isLanguage, type Language } from '../texts/texts.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
  readonly notify: boolean;
  /** The recovery phrase of the account that was made here has not been checked. */
  readonly phraseUnchecked: boolean;
}

const name = 'mycelium.preferences';

export function readPreferences(): Preferences {
  const kept = parse(localStorage.getItem(name));
  const { language, theme, notify, phraseUnchecked } = kept;
  return {
    language: typeof language === 'string' && isLanguage(language) ? language : browserLanguage(),
    theme: themes.find((one) => one === theme) ?? 'system',
    notify: notify === true,
    phraseUnchecked: phraseUnchecked === true,
  };
}

export function keepPreferences(preferences: Preferences): void {
  localStorage.setItem(name, JSON.stringify(preferences));
}

function parse(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text ?? '{}');
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
