/** The page begins: the session with the node that served it, and the screens around it. */
import './styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { Messenger } from './state/messenger.ts';
import { notifier } from './parts/notifications.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no root');
const notify = notifier();
const messenger = new Messenger(location.origin.replace(/^http/, 'ws'), notify.happened);
messenger.start();
createRoot(root).render(
  <StrictMode>
    <App messenger={messenger} notify={notify} />
  </StrictMode>,
);
