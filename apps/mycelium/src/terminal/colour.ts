/** Whether standard output takes colours: a terminal, and nobody has said no (no-color.org). */
import type { Terminal } from './terminal.ts';

export function hasColour({ output, env }: Terminal): boolean {
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return output.isTTY === true && !refused;
}
