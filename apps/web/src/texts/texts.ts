/** Words of the page: catalogues of ICU messages, English the one that says which keys there are. */
import { setupI18n, type I18n, type Messages } from '@lingui/core';
import { createContext, useContext } from 'react';
import german from './de.json';
import english from './en.json';

export type TextKey = keyof typeof english;
export type Values = Readonly<Record<string, string | number>>;
/** The text of a key with its values put in. */
export type Say = (key: TextKey, values?: Values) => string;

export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

// The build compiles each message (vite.config.ts); what is imported is the library's own form.
const catalogues: Readonly<Record<Language, Messages>> = { en: english, de: german };

export function isLanguage(text: string): text is Language {
  return Object.hasOwn(languages, text);
}

/** The first of the browser's languages that there is. */
export function browserLanguage(): Language {
  const wanted = navigator.languages.map((tag) => tag.split('-')[0] ?? '');
  return wanted.find(isLanguage) ?? 'en';
}

/** As the browser writes dates and times in this language: with its region, where it names one. */
function localeOf(language: Language): string {
  return navigator.languages.find((tag) => tag.split('-')[0] === language) ?? language;
}

export interface Texts {
  readonly language: Language;
  readonly say: Say;
  readonly time: (ms: number) => string;
  readonly day: (ms: number) => string;
}

export function createTexts(language: Language): Texts {
  const i18n: I18n = setupI18n({ locale: language, messages: catalogues });
  const locale = localeOf(language);
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'full' });
  return {
    language,
    say: (key, values) => i18n._(key, values),
    time: (ms) => time.format(ms),
    day: (ms) => day.format(ms),
  };
}

export const TextsContext = createContext<Texts>(createTexts('en'));

export function useTexts(): Texts {
  return useContext(TextsContext);
}
