/** Who one is, how the page looks, and which browsers may use the node. */
import type { Browser } from '@mycelium/api';
import { useEffect, useState } from 'react';
import { Button, Label, Radio, RadioGroup, Switch } from 'react-aria-components';
import { FailureLine } from '../parts/failure-line.tsx';
import { themes } from '../parts/preferences.ts';
import { usePreferences } from '../parts/use-preferences.ts';
import { useTask } from '../parts/use-task.ts';
import { useMessenger, useModel } from '../state/use-messenger.ts';
import { isLanguage, languages, useTexts } from '../texts/texts.ts';
import { Ignored } from './ignored.tsx';
import { PaneHead } from './pane-head.tsx';

export function Settings() {
  const { say } = useTexts();
  const account = useModel((model) => model.status?.account);
  return (
    <>
      <PaneHead title={say('settings.title')} />
      <div className="sheet">
        <section className="card">
          <h3>{say('settings.account')}</h3>
          <dl>
            <dt>{say('settings.address')}</dt>
            <dd>
              <bdi>{account?.address}</bdi>
            </dd>
            <dt>{say('contact.fingerprint')}</dt>
            <dd className="digits" dir="ltr">
              {account?.fingerprint}
            </dd>
            <dt>{say('settings.device')}</dt>
            <dd>{account?.deviceName}</dd>
          </dl>
        </section>
        <Look />
        <Ignored />
        <Browsers />
      </div>
    </>
  );
}

function Look() {
  const { say } = useTexts();
  const { preferences, choose } = usePreferences();
  const [denied, setDenied] = useState(false);
  const notify = (wanted: boolean): void => {
    setDenied(false);
    if (!wanted) return choose({ notify: false });
    void Notification.requestPermission().then((answer) => {
      if (answer === 'granted') choose({ notify: true });
      else setDenied(true);
    });
  };
  return (
    <section className="card">
      <h3>{say('settings.look')}</h3>
      <RadioGroup
        className="choices"
        value={preferences.language}
        onChange={(value) => isLanguage(value) && choose({ language: value })}
      >
        <Label>{say('settings.language')}</Label>
        {Object.entries(languages).map(([language, name]) => (
          <Radio key={language} value={language}>
            <span lang={language}>{name}</span>
          </Radio>
        ))}
      </RadioGroup>
      <RadioGroup
        className="choices"
        value={preferences.theme}
        onChange={(value) => choose({ theme: themes.find((theme) => theme === value) ?? 'system' })}
      >
        <Label>{say('settings.theme')}</Label>
        {themes.map((theme) => (
          <Radio key={theme} value={theme}>
            {say(`settings.theme.${theme}`)}
          </Radio>
        ))}
      </RadioGroup>
      <Switch className="switch" isSelected={preferences.notify} onChange={notify}>
        <span className="switch-box" aria-hidden />
        {say('settings.notifyText')}
      </Switch>
      {denied && <FailureLine text={say('settings.notifyDenied')} />}
    </section>
  );
}

function Browsers() {
  const { say, day } = useTexts();
  const messenger = useMessenger();
  const [browsers, setBrowsers] = useState<readonly Browser[]>([]);
  const { busy, failure, run } = useTask();
  const read = async (): Promise<void> => {
    const answer = await messenger.call('page.browsers', {});
    setBrowsers(answer.browsers);
  };
  useEffect(() => {
    void messenger
      .call('page.browsers', {})
      .then((answer) => setBrowsers(answer.browsers))
      .catch(() => undefined);
  }, [messenger]);
  const forget = (id: string): void =>
    run(async () => {
      await messenger.call('page.forget', { id });
      await read();
    });
  return (
    <section className="card">
      <h3>{say('settings.browsers')}</h3>
      <FailureLine text={failure} />
      <ul className="peers">
        {browsers.map(({ id, name, since }) => (
          <li key={id} className="row">
            <span>
              <bdi>{name}</bdi> <span className="muted">{say('settings.since', { time: day(since) })}</span>
            </span>
            <Button isDisabled={busy} onPress={() => forget(id)}>
              {say('settings.forget')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
