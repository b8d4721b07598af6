/** Desktop notifications: who wrote, never what. Only when the person wants them and looks elsewhere. */
import type { ApiEvent } from '@mycelium/api';
import { createTexts, type Texts } from '../texts/texts.ts';
import { readPreferences } from './preferences.ts';

export interface Notifier {
  readonly happened: (event: ApiEvent) => void;
  /** In which words. */
  readonly speak: (texts: Texts) => void;
}

export function notifier(): Notifier {
  let texts = createTexts('en');
  const show = (text: string, tag: string): void => {
    if (document.visibilityState === 'visible' || !readPreferences().notify) return;
    if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
    new Notification('Mycelium', { body: text, tag, silent: false });
  };
  return {
    happened: (event) => {
      if (event.event === 'message')
        show(texts.say('notify.message', { name: event.from }), event.conversation);
      if (event.event === 'request') show(texts.say('notify.request', { name: event.from }), event.from);
    },
    speak: (spoken) => {
      texts = spoken;
    },
  };
}
