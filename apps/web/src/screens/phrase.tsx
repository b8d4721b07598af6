/** The recovery phrase, this once: hidden until asked for, then three of its words are typed again. */
import { useMemo, useState, type FormEvent } from 'react';
import { Button } from 'react-aria-components';
import { FailureLine } from '../parts/failure-line.tsx';
import { Field } from '../parts/field.tsx';
import { usePreferences } from '../parts/use-preferences.ts';
import { useTexts } from '../texts/texts.ts';

interface PhraseProps {
  readonly phrase: string;
  readonly done: () => void;
}

const asked = 3;

/** Three places in the phrase, in their order. */
function placesOf(count: number): readonly number[] {
  const places = Array.from({ length: count }, (_, at) => at);
  const mixed = places.map((place) => ({ place, by: crypto.getRandomValues(new Uint32Array(1))[0] ?? 0 }));
  return mixed
    .toSorted((left, right) => left.by - right.by)
    .slice(0, asked)
    .map(({ place }) => place)
    .toSorted((left, right) => left - right);
}

export function Phrase({ phrase, done }: PhraseProps) {
  const { say } = useTexts();
  const { choose } = usePreferences();
  const words = phrase.split(' ');
  const [step, setStep] = useState<'hidden' | 'shown' | 'check'>('hidden');
  const end = (phraseUnchecked: boolean): void => {
    choose({ phraseUnchecked });
    done();
  };
  if (step === 'check') return <Check words={words} later={() => end(true)} done={() => end(false)} />;
  return (
    <main className="whole-page">
      <div className="card">
        <h1>{say('phrase.title')}</h1>
        <p>{say('phrase.text')}</p>
        {step === 'hidden' ? (
          <Button className="main" onPress={() => setStep('shown')}>
            {say('phrase.show')}
          </Button>
        ) : (
          <>
            <ol className="words">
              {words.map((word, at) => (
                <li key={at}>{word}</li>
              ))}
            </ol>
            <Button className="main" onPress={() => setStep('check')}>
              {say('phrase.written')}
            </Button>
          </>
        )}
      </div>
    </main>
  );
}

interface CheckProps {
  readonly words: readonly string[];
  readonly later: () => void;
  readonly done: () => void;
}

function Check({ words, later, done }: CheckProps) {
  const { say } = useTexts();
  const places = useMemo(() => placesOf(words.length), [words.length]);
  const [typed, setTyped] = useState<Readonly<Record<number, string>>>({});
  const [failure, setFailure] = useState<string>();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const wrong = places.find((place) => typed[place]?.trim().toLowerCase() !== words[place]);
    if (wrong === undefined) done();
    else setFailure(say('phrase.wrong', { number: wrong + 1 }));
  };
  return (
    <main className="whole-page">
      <form className="card" onSubmit={submit}>
        <h1>{say('phrase.title')}</h1>
        <p>{say('phrase.check')}</p>
        {places.map((place, at) => (
          <Field
            key={place}
            label={say('phrase.word', { number: place + 1 })}
            value={typed[place] ?? ''}
            onChange={(word) => setTyped({ ...typed, [place]: word })}
            autoFocus={at === 0}
          />
        ))}
        <FailureLine text={failure} />
        <div className="row">
          <Button type="submit" className="main">
            {say('phrase.done')}
          </Button>
          <Button className="quiet" onPress={later}>
            {say('phrase.later')}
          </Button>
        </div>
      </form>
    </main>
  );
}
