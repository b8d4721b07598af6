/** Keys that work wherever one is: conversations up and down, regions, help, back. */
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { useMessenger } from '../state/use-messenger.ts';

export interface HelpState {
  readonly open: boolean;
  readonly close: () => void;
}

export function useDeskKeys(): HelpState {
  const messenger = useMessenger();
  const [location, go] = useLocation();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const step = event.altKey ? { ArrowDown: 1, ArrowUp: -1 }[event.key] : undefined;
      if (step !== undefined) {
        const { conversations } = messenger.model.state;
        const wanted = event.shiftKey ? conversations.filter(({ unread }) => unread > 0) : conversations;
        const at = wanted.findIndex(({ conversation }) => location === `/c/${conversation}`);
        const next = wanted[at < 0 ? (step > 0 ? 0 : wanted.length - 1) : at + step];
        if (next !== undefined) go(`/c/${next.conversation}`);
      } else if (event.key === 'F6') moveRegion();
      else if (event.ctrlKey && event.key === '/') setOpen(true);
      else if (event.ctrlKey && event.key === 'k') document.getElementById('filter')?.focus();
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [messenger, location, go]);
  return { open, close: () => setOpen(false) };
}

/** From the list to the pane, and back. */
function moveRegion(): void {
  const pane = document.getElementById('pane');
  const isInside = pane?.contains(document.activeElement) ?? false;
  const target = isInside ? document.getElementById('filter') : (document.getElementById('composer') ?? pane);
  target?.focus();
}
