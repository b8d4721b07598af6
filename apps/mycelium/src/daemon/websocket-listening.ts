/** Where this node listens for WebSockets, with the certificate that it was given (spec/links.md, "WebSocket"). */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Certificate, NodeTransport, WebSocketListening } from '@mycelium/node';
import type { WebSocketWish } from '../commands/command.ts';
import { FailedError, UsageError } from '../failures.ts';
import type { ListenSettings } from '../relay/settings.ts';
import { parseEndpoint } from './endpoints.ts';
import type { Log } from './log.ts';

/** @throws UsageError, or FailedError `certificate` for files that are none */
export function webSocketListening(wish: WebSocketWish | undefined): readonly WebSocketListening[] {
  if (wish === undefined) return [];
  const { listen, certificate, key } = wish;
  const endpoint = parseEndpoint('--websocket', listen);
  if (certificate === undefined && key === undefined) return [endpoint];
  if (certificate === undefined || key === undefined) {
    throw new UsageError('--certificate and --key: one without the other is of no use. Give both files.');
  }
  const names = { certificate: '--certificate', key: '--key' };
  return [{ ...endpoint, certificate: readCertificate({ certificate, key }, names) }];
}

/** As the relay's configuration file says. @throws FailedError `certificate` for files that are none */
export function configuredWebSockets(listen: ListenSettings): readonly WebSocketListening[] {
  const certificate = configuredCertificate(listen);
  return listen.websocket.map((endpoint) => ({ ...endpoint, certificate }));
}

/** The files that the configuration named when the node began, as they are now; undefined: it named none. @throws FailedError */
export function configuredCertificate({ certificate, key }: ListenSettings): Certificate | undefined {
  if (certificate === undefined || key === undefined) return undefined;
  return readCertificate({ certificate, key }, configNames);
}

/** Takes the files in anew; when they are no good, what is served goes on. */
export function renewCertificate(
  transport: Pick<NodeTransport, 'renewCertificate'>,
  listen: ListenSettings,
  log: Log,
): void {
  try {
    const certificate = configuredCertificate(listen);
    if (certificate === undefined) return;
    transport.renewCertificate(certificate);
    log.info('relay', 'the certificate was read anew');
  } catch (error) {
    if (!(error instanceof FailedError)) throw error;
    log.error('relay', `the certificate was not renewed, and the one before goes on: ${error.message}`);
  }
}

const configNames = { certificate: 'listen.certificate', key: 'listen.key' };

interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** `names`: what told of the files, for sentences. */
function readCertificate(files: CertificateFiles, names: CertificateFiles): Certificate {
  const chain = readPem(names.certificate, files.certificate);
  const key = readPem(names.key, files.key);
  try {
    createSecureContext({ cert: chain, key });
  } catch (cause) {
    throw new FailedError(
      'certificate',
      `${names.certificate}, ${names.key}: these files are no PEM certificate and the private key that belongs to it.`,
      { cause },
    );
  }
  return { chain, key };
}

function readPem(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
    throw new FailedError('certificate', `${option}: ${file} cannot be read (${code}).`, { cause });
  }
}
