/** Names over HTTPS (RFC 8484), from the server that the person chose and from no other. */
import { decode, encode, type DecodedPacket, type Packet } from 'dns-packet';
import type { Cancellation } from '@mycelium/runtime';
import { requestBounded } from './bounded-request.ts';
import { ResolverError, type Names } from './names.ts';

const answerBytesMax = 65_535;
const withinMs = 8_000;
const mediaType = 'application/dns-message';
/** Low four bits of the flags of an answer (RFC 1035 §4.1.1). */
const codes = { done: 0, noSuchName: 3 } as const;

export interface DnsOverHttpsWish {
  /** `https://…`, as the person gave it. */
  readonly url: string;
  /** PEM, instead of the authorities that Node knows. */
  readonly ca?: string | undefined;
}

export function createDnsOverHttps(wish: DnsOverHttpsWish): Names {
  const { host } = new URL(wish.url);
  return {
    called: `the resolver ${host}`,
    async texts(name, cancellation) {
      const answers = await ask(wish, { type: 'TXT', name }, cancellation);
      const found = answers.filter((answer) => answer.type === 'TXT');
      return { texts: found.map(({ data }) => joined(data)), ttlMs: leastTtlMs(found) };
    },
    async addresses(name, cancellation) {
      const both = await Promise.all([
        ask(wish, { type: 'A', name }, cancellation),
        ask(wish, { type: 'AAAA', name }, cancellation),
      ]);
      return both
        .flat()
        .flatMap((answer) => (answer.type === 'A' || answer.type === 'AAAA' ? [answer.data] : []));
    },
  };
}

type Answers = NonNullable<DecodedPacket['answers']>;

async function ask(
  { url, ca }: DnsOverHttpsWish,
  question: { readonly type: 'TXT' | 'A' | 'AAAA'; readonly name: string },
  cancellation: Cancellation | undefined,
): Promise<Answers> {
  // RFC 8484 §4.1: id 0; RFC 1035 §4.1.1: recursion desired.
  const packet: Packet = { type: 'query', id: 0, flags: 0x100, questions: [question] };
  const body = encode(packet);
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const answer = await requestBounded({
    options: {
      protocol,
      hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? 443 : Number(port),
      path: pathname + search,
      method: 'POST',
      headers: { accept: mediaType, 'content-type': mediaType, 'content-length': body.length },
      ...(ca === undefined ? {} : { ca }),
    },
    body,
    bytesMax: answerBytesMax,
    withinMs,
    cancellation,
  });
  if (answer.status !== 200 || answer.type !== mediaType)
    throw new ResolverError(`it answered with status ${answer.status} and no ${mediaType}`);
  return readAnswers(answer.body, question);
}

function readAnswers(bytes: Uint8Array, question: { readonly type: string; readonly name: string }): Answers {
  let packet: DecodedPacket;
  try {
    packet = decode(Buffer.from(bytes));
  } catch (error) {
    throw new ResolverError('its answer is no DNS message', { cause: error });
  }
  const [asked] = packet.questions ?? [];
  if (asked?.type !== question.type || asked.name.toLowerCase() !== question.name.toLowerCase())
    throw new ResolverError('it answered another question');
  const code = (packet.flags ?? 0) & 15;
  if (code === codes.noSuchName) return [];
  if (code !== codes.done) throw new ResolverError(`it answered with the DNS error ${code}`);
  return packet.answers ?? [];
}

function joined(data: string | Buffer | (string | Buffer)[]): string {
  const strings = Array.isArray(data) ? data : [data];
  return strings.map((part) => (typeof part === 'string' ? part : part.toString('utf8'))).join('');
}

function leastTtlMs(answers: Answers): number | undefined {
  const all = answers.flatMap((answer) => ('ttl' in answer && answer.ttl !== undefined ? [answer.ttl] : []));
  return all.length === 0 ? undefined : Math.min(...all) * 1_000;
}
