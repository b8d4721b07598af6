/**
 * What every `DomainRecords` must do, as cases that any test runner can run. `ask` of each subject brings a world of its own.
 */
import type { DomainAnswer, DomainRecords } from '@mycelium/runtime';
import type { PublishedDomain } from '../domain/memory-domains.ts';
import { expectTrue } from './case.ts';

export interface DomainRecordsSubject {
  readonly records: DomainRecords;
  readonly publish: (domain: string, published: PublishedDomain | undefined) => void;
  /** From now on nobody answers. */
  readonly cutOff: () => void;
  /** Names that somebody was asked for, domains under `.mycelium` among them if that happened. */
  readonly asked: () => readonly string[];
}

export interface DomainRecordsCase {
  readonly title: string;
  readonly run: (subject: DomainRecordsSubject) => Promise<void>;
}

function expectAnswer(answer: DomainAnswer, expected: Partial<Record<string, unknown>>): void {
  const found: Record<string, unknown> = { ...answer };
  for (const [name, value] of Object.entries(expected)) {
    const same = JSON.stringify(found[name]) === JSON.stringify(value);
    expectTrue(same, `${name} ${JSON.stringify(value)} in ${JSON.stringify(answer)}`);
  }
}

export const domainRecordsCases: readonly DomainRecordsCase[] = [
  {
    title: 'the TXT records of a domain, as they were published',
    run: async ({ records, publish }) => {
      publish('example.com', { texts: ['v=1; k=here'] });
      expectAnswer(await records.lookUp('example.com', { web: false }), {
        kind: 'texts',
        texts: ['v=1; k=here'],
      });
    },
  },
  {
    title: 'a record longer than one character-string, and longer than a datagram, comes whole',
    run: async ({ records, publish }) => {
      for (const length of [600, 2_000]) {
        const text = `v=1; x=${'a'.repeat(length)}`;
        publish('example.com', { texts: [text] });
        expectAnswer(await records.lookUp('example.com', { web: false }), { kind: 'texts', texts: [text] });
      }
    },
  },
  {
    title: 'a domain without a record has none, and so has one whose TXT records are for others',
    run: async ({ records, publish }) => {
      expectAnswer(await records.lookUp('nowhere.example', { web: false }), { kind: 'none' });
      publish('example.com', { texts: ['v=spf1 -all'] });
      expectAnswer(await records.lookUp('example.com', { web: false }), { kind: 'none' });
    },
  },
  {
    title: 'the web server is asked when it may be and DNS has nothing, and not otherwise',
    run: async ({ records, publish }) => {
      const file = '{"version":1}';
      publish('example.com', { file });
      expectAnswer(await records.lookUp('example.com', { web: false }), { kind: 'none' });
      expectAnswer(await records.lookUp('example.com', { web: true }), { kind: 'file', text: file });
      publish('example.com', { file, texts: ['v=1'] });
      expectAnswer(await records.lookUp('example.com', { web: true }), { kind: 'texts' });
    },
  },
  {
    title: 'nobody is asked for a domain that is its own key',
    run: async ({ records, asked }) => {
      for (const domain of [`${'y'.repeat(52)}.mycelium`, 'short.mycelium', 'mycelium'])
        expectAnswer(await records.lookUp(domain, { web: true }), { kind: 'none' });
      expectTrue(asked().length === 0, `nobody asked, but ${asked().join()}`);
    },
  },
  {
    title: 'where nobody answers that is said, and nothing is thrown',
    run: async ({ records, publish, cutOff }) => {
      publish('example.com', { texts: ['v=1'] });
      cutOff();
      expectAnswer(await records.lookUp('example.com', { web: true }), { kind: 'failed' });
    },
  },
  {
    title: 'a question that was called off before it began fails',
    run: async ({ records, publish }) => {
      publish('example.com', { texts: ['v=1'] });
      const cancellation = {
        aborted: true,
        addEventListener: () => undefined,
        removeEventListener: () => undefined,
      };
      expectAnswer(await records.lookUp('example.com', { web: true, cancellation }), { kind: 'failed' });
    },
  },
];
