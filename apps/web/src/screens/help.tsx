/** Which keys there are. */
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTexts, type TextKey } from '../texts/texts.ts';

const keys: readonly { readonly keys: string; readonly text: TextKey }[] = [
  { keys: 'Alt + ↑ ↓', text: 'help.next' },
  { keys: 'Ctrl + K', text: 'help.filter' },
  { keys: 'F6', text: 'help.regions' },
  { keys: 'Enter', text: 'help.send' },
  { keys: 'Shift + Enter', text: 'help.line' },
  { keys: 'Esc', text: 'help.close' },
  { keys: 'Ctrl + /', text: 'help.this' },
];

export function Help({ open, close }: { readonly open: boolean; readonly close: () => void }) {
  const { say } = useTexts();
  return (
    <ModalOverlay className="overlay" isOpen={open} onOpenChange={(is) => is || close()} isDismissable>
      <Modal>
        <Dialog className="card">
          <Heading slot="title">{say('help.title')}</Heading>
          <dl className="keys">
            {keys.map((line) => (
              <div key={line.keys}>
                <dt>{line.keys}</dt>
                <dd>{say(line.text)}</dd>
              </div>
            ))}
          </dl>
          <Button className="main" onPress={close}>
            {say('close')}
          </Button>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
