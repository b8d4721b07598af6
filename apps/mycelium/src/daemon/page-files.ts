/** The built page (apps/web), read once, and how it is answered: from memory, under a strict policy, to this machine only. */
import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';

const typesByExtension: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

interface PageFile {
  readonly bytes: Uint8Array;
  readonly type: string;
}

/** By path in a URL: `/` and those of the files. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** Where the build puts it. */
export const pageFolder: string = path.resolve(import.meta.dirname, '../../../web/dist');

/** Empty when it has not been built. */
export function readPageFiles(folder: string = pageFolder): PageFiles {
  const files = new Map<string, PageFile>();
  for (const name of namesIn(folder)) {
    const type = typesByExtension[path.extname(name)];
    if (type === undefined) continue;
    const file = { bytes: readFileSync(path.join(folder, name)), type };
    const url = `/${name.split(path.sep).join('/')}`;
    files.set(url === '/index.html' ? '/' : url, file);
  }
  return files;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
}

/** Scripts and styles of the page itself and nothing else; texts never become markup (Trusted Types). */
export function pagePolicy(host: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    `connect-src 'self' ws://${host}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types mycelium',
  ].join('; ');
}

interface Answering {
  /** As in `Host`. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly withBody: boolean;
}

export function answerPageFile(response: ServerResponse, file: PageFile, answering: Answering): void {
  response.writeHead(200, {
    ...answering.headers,
    'Content-Length': String(file.bytes.length),
    'Content-Security-Policy': pagePolicy(answering.host),
    'Content-Type': file.type,
    'Permissions-Policy': 'camera=(self), microphone=(), geolocation=(), display-capture=(), usb=()',
  });
  response.end(answering.withBody ? file.bytes : undefined);
}
