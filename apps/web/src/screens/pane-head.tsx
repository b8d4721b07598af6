/** The head of what is beside the list; on a narrow screen with the way back. */
import { ArrowLeft } from 'lucide-react';
import { Link } from 'wouter';
import { useTexts } from '../texts/texts.ts';

export function PaneHead({ title, back = '/' }: { readonly title: string; readonly back?: string }) {
  const { say } = useTexts();
  return (
    <header className="pane-head">
      <Link href={back} className="back" aria-label={say('nav.back')}>
        <ArrowLeft aria-hidden />
      </Link>
      <h2>{title}</h2>
    </header>
  );
}
