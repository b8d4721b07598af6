/** What happened in a run, as one number: two runs of the same seed must have the same. FNV-1a, twice 32 bits. */

export interface Trace {
  note(event: string, bytes?: Uint8Array): void;
  /** 16 hexadecimal digits over everything noted so far. */
  hash(): string;
  readonly events: number;
  /** The last events in words, oldest first: for the message of a failed test. */
  tail(): readonly string[];
}

const tailLength = 60;

export function createTrace(): Trace {
  let low = 0x811c9dc5;
  let high = 0x6d73_6765;
  let events = 0;
  const tail: string[] = [];
  const mix = (value: number): void => {
    low = Math.imul(low ^ value, 0x01000193) >>> 0;
    high = Math.imul(high ^ (value + 0x9d), 0x01000193) >>> 0;
  };
  return {
    note(event, bytes) {
      events += 1;
      for (let at = 0; at < event.length; at += 1) mix(event.charCodeAt(at));
      if (bytes !== undefined) for (const byte of bytes) mix(byte);
      tail.push(event);
      if (tail.length > tailLength) tail.shift();
    },
    hash: () => high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0'),
    get events() {
      return events;
    },
    tail: () => tail,
  };
}
