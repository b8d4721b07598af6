/**
 * The directory nodes of last time, so that a node that comes back finds the others without being told again. They
 * are asked beside those of `--bootstrap`; all of them were configured once, or named by one that was.
 */
import { statSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import type { NodeTransport } from '@mycelium/node';
import type { Endpoint } from './endpoints.ts';
import { anonymousError, type Log } from './log.ts';
import { readPrivate, writePrivate } from './private-files.ts';

/** Few enough that a look-up begins with every configured node too (`walk` begins with 60). */
const nodesMax = 20;
const fileBytesMax = 4_096;
const firstWriteMs = 30_000;
const writeEveryMs = 300_000;

/** None where the file is missing or not as we write it: it only saves time. */
export function readKnownNodes(file: string, log: Log): readonly Endpoint[] {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) return [];
    const nodes = found.size > fileBytesMax ? undefined : parseNodes(readPrivate(file) ?? '');
    if (nodes !== undefined) return nodes;
    log.warn('network', 'nodes.json is not as it was written; it is left aside');
  } catch (error) {
    log.warn('network', `nodes.json could not be read: ${anonymousError(error)}`);
  }
  return [];
}

/** Undefined: it is no list of addresses. Only numeric ones: nothing is looked up for a name in a file. */
function parseNodes(text: string): readonly Endpoint[] | undefined {
  const parsed: unknown = JSON.parse(text);
  if (!Array.isArray(parsed) || parsed.length > nodesMax) return undefined;
  const nodes = parsed.map((entry: unknown) => (typeof entry === 'string' ? parseNode(entry) : undefined));
  return nodes.every((node) => node !== undefined) ? nodes : undefined;
}

function parseNode(text: string): Endpoint | undefined {
  const [host = '', portText = '', ...more] = text.split(':');
  const port = Number(portText);
  if (more.length > 0 || !isIPv4(host) || !/^[1-9]\d{0,4}$/.test(portText) || port > 65_535) return undefined;
  return { host, port };
}

/** Writes the file now and then. Answers how to end that, with a last write; before the transport is closed. */
export function keepKnownNodes(
  file: string,
  transport: Pick<NodeTransport, 'dht'>,
  log: Log,
): () => undefined {
  let written: string | undefined;
  const write = (): undefined => {
    const { dht } = transport;
    if (dht === undefined || dht.destroyed) return;
    const nodes = dht.toArray({ limit: nodesMax });
    const text = `${JSON.stringify(nodes.map(({ host, port }) => `${host}:${port}`))}\n`;
    // Nobody answered: what was known before may be right tomorrow.
    if (nodes.length === 0 || text === written) return;
    try {
      writePrivate(file, text);
      written = text;
    } catch (error) {
      log.warn('network', `nodes.json could not be written: ${anonymousError(error)}`);
    }
  };
  let timer = setTimeout(function again() {
    write();
    timer = setTimeout(again, writeEveryMs).unref();
  }, firstWriteMs).unref();
  return () => {
    clearTimeout(timer);
    write();
  };
}
