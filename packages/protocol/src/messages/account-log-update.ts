/** Kind 131, account log (spec/messages.md): the whole log of the writer's account, in the encoding of spec/identity.md; sent when it grew. */
import { refuse, accept, type Result } from '../errors.ts';
import { accountLogBytesMax } from '../limits.ts';

export function decodeAccountLogUpdate(body: Uint8Array): Result<Uint8Array> {
  if (body.length > accountLogBytesMax)
    return refuse('length', 'account-log', `is at most ${accountLogBytesMax} bytes`);
  return accept(body);
}
