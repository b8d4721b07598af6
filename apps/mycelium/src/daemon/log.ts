/**
 * The daemon's log on standard error, for people: `TIME LEVEL PART: sentence`; or for programs, one JSON object a line. It never holds texts, addresses of
 * people, routes, keys or phrases. Of errors that nobody expected only the kind, the code and the places in the source
 * are told, because their messages may hold anything.
 */
import { inertJson, inertLine } from '../terminal/inert.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export interface Log {
  debug(part: string, sentence: string): void;
  info(part: string, sentence: string): void;
  warn(part: string, sentence: string): void;
  error(part: string, sentence: string): void;
}

export interface LogStyle {
  /** Asked for at each line: it may change. */
  readonly least: () => LogLevel;
  readonly format: 'text' | 'json';
}

export function createLog({ least, format }: LogStyle, write: (line: string) => void): Log {
  const at =
    (level: LogLevel) =>
    (part: string, sentence: string): void => {
      if (levels.indexOf(level) < levels.indexOf(least())) return;
      const time = new Date().toISOString();
      const line =
        format === 'json'
          ? inertJson({ time, level, part, message: sentence })
          : `${time} ${level.padEnd(5)} ${part}: ${inertLine(sentence)}`;
      write(`${line}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A person at a terminal reads sentences of ours there, and of the log only what is wrong. */
export function logLevel(word: string | undefined, isTerminal: boolean): LogLevel {
  return levels.find((level) => level === word) ?? (isTerminal ? 'warn' : 'info');
}

/** An unexpected error without what it says. */
export function anonymousError(error: unknown): string {
  if (!(error instanceof Error)) return `something that is no Error (${typeof error})`;
  const code: unknown = 'code' in error ? error.code : undefined;
  const places = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 6)
    .map((line) => line.trim().replace(/file:\/\/\S*\/(?=[^/]+\/[^/]+\/[^/]+$)/, ''));
  const name = /^[A-Za-z]{1,40}$/.test(error.name) ? error.name : 'Error';
  return `${name}${typeof code === 'string' ? ` ${code}` : ''} ${places.join(' < ')}`;
}
