/** Copies a text that a person gives on: a link, a fingerprint. Never the recovery phrase. */
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { useTexts } from '../texts/texts.ts';

export function CopyButton({ text }: { readonly text: string }) {
  const { say } = useTexts();
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => setCopied(true));
  };
  return (
    <Button className="quiet" onPress={copy}>
      {say(copied ? 'copied' : 'copy')}
    </Button>
  );
}
