/** Which screen is there: by what the node says, then by where the person is. */
import { useEffect, useMemo, useState } from 'react';
import { I18nProvider } from 'react-aria-components';
import { Router } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import type { Notifier } from './parts/notifications.ts';
import { keepPreferences, readPreferences } from './parts/preferences.ts';
import { PreferencesContext, type ChosenPreferences } from './parts/use-preferences.ts';
import { Desk } from './screens/desk.tsx';
import { Pairing } from './screens/pairing.tsx';
import { Welcome } from './screens/welcome.tsx';
import type { Messenger } from './state/messenger.ts';
import { MessengerContext, useModel } from './state/use-messenger.ts';
import { createTexts, TextsContext, useTexts } from './texts/texts.ts';

interface AppProps {
  readonly messenger: Messenger;
  readonly notify: Notifier;
}

export function App({ messenger, notify }: AppProps) {
  const [preferences, setPreferences] = useState(readPreferences);
  const texts = useMemo(() => createTexts(preferences.language), [preferences.language]);
  const chosen = useMemo<ChosenPreferences>(
    () => ({
      preferences,
      choose: (change) => {
        const next = { ...preferences, ...change };
        keepPreferences(next);
        setPreferences(next);
      },
    }),
    [preferences],
  );
  useEffect(() => {
    notify.speak(texts);
    document.documentElement.lang = texts.language;
    document.documentElement.dataset['theme'] = preferences.theme;
  }, [notify, texts, preferences.theme]);
  return (
    <I18nProvider locale={texts.language}>
      <TextsContext value={texts}>
        <PreferencesContext value={chosen}>
          <MessengerContext value={messenger}>
            <Router hook={useHashLocation}>
              <Screen />
            </Router>
          </MessengerContext>
        </PreferencesContext>
      </TextsContext>
    </I18nProvider>
  );
}

function Screen() {
  const { say } = useTexts();
  const link = useModel((model) => model.link);
  const status = useModel((model) => model.status);
  const [makesAccount, setMakesAccount] = useState(false);
  if (link === 'unpaired') return <Pairing />;
  if (status === undefined)
    return <p className="whole-page muted">{say(link === 'lost' ? 'link.lost' : 'link.connecting')}</p>;
  // Making an account ends with its recovery phrase, which the account's being there must not take away.
  if (status.account === undefined || makesAccount)
    return <Welcome begun={() => setMakesAccount(true)} done={() => setMakesAccount(false)} />;
  return <Desk />;
}
