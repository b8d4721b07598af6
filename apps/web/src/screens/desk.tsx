/** With an account: the rail, the list of conversations, and what was chosen. */
import { MessageCircle, Settings as SettingsMark, UserPlus, Waypoints, type LucideIcon } from 'lucide-react';
import { useEffect } from 'react';
import { Link, Route, Switch, useLocation } from 'wouter';
import { usePreferences } from '../parts/use-preferences.ts';
import { useModel } from '../state/use-messenger.ts';
import { useTexts, type TextKey } from '../texts/texts.ts';
import { AddContact } from './add-contact.tsx';
import { Chat } from './chat.tsx';
import { ContactDetails } from './contact-details.tsx';
import { ConversationList } from './conversation-list.tsx';
import { Help } from './help.tsx';
import { Network } from './network.tsx';
import { Settings } from './settings.tsx';
import { useDeskKeys } from './desk-keys.ts';
import { Warnings } from './warnings.tsx';

const places: readonly { readonly to: string; readonly text: TextKey; readonly Mark: LucideIcon }[] = [
  { to: '/', text: 'nav.chats', Mark: MessageCircle },
  { to: '/add', text: 'nav.add', Mark: UserPlus },
  { to: '/network', text: 'nav.network', Mark: Waypoints },
  { to: '/settings', text: 'nav.settings', Mark: SettingsMark },
];

export function Desk() {
  const { say } = useTexts();
  const [location] = useLocation();
  const { preferences } = usePreferences();
  const link = useModel((model) => model.link);
  const unread = useModel((model) => model.conversations.reduce((sum, one) => sum + one.unread, 0));
  const help = useDeskKeys();
  useEffect(() => {
    document.title = unread === 0 ? say('app.name') : `(${unread}) ${say('app.name')}`;
  }, [unread, say]);
  const inside = location !== '/';
  return (
    <div className="desk" data-inside={inside || undefined}>
      <nav className="rail" aria-label={say('app.name')}>
        {places.map(({ to, text, Mark }) => (
          <Link
            key={to}
            href={to}
            className="rail-place"
            aria-current={isAt(location, to) ? 'page' : undefined}
          >
            <Mark size={22} aria-hidden />
            <span>{say(text)}</span>
          </Link>
        ))}
      </nav>
      <ConversationList />
      <main className="pane" id="pane" tabIndex={0}>
        {link !== 'open' && (
          <p role="status" className="banner">
            {say('link.lost')}
          </p>
        )}
        {preferences.phraseUnchecked && <p className="banner quiet">{say('phrase.remind')}</p>}
        <Warnings />
        <Switch>
          <Route path="/c/:conversation">
            {({ conversation }) => <Chat key={conversation} conversation={conversation} />}
          </Route>
          <Route path="/contact/:conversation">
            {({ conversation }) => <ContactDetails key={conversation} conversation={conversation} />}
          </Route>
          <Route path="/add">
            <AddContact />
          </Route>
          <Route path="/network">
            <Network />
          </Route>
          <Route path="/settings">
            <Settings />
          </Route>
          <Route>
            <p className="empty">{say('chats.choose')}</p>
          </Route>
        </Switch>
      </main>
      <Help open={help.open} close={help.close} />
    </div>
  );
}

function isAt(location: string, place: string): boolean {
  return place === '/' ? location === '/' || location.startsWith('/c/') : location === place;
}
