/** c-toxcore on this machine: what stands beside e2e.direct. */
import { type Budget, type Case, type Result, skipped } from '../case.ts';
import { toxcoreRates } from '../rivals/toxcore.ts';
import { median, round, spreadOf } from '../statistics.ts';

const counts =
  'Texts of 56 bytes from one process of c-toxcore (Debian’s libtoxcore-dev, 0.2.18) to another on loopback over UDP, from the ' +
  'first tox_friend_send_message until the last read receipt. Encrypted, in memory: nothing is stored, shown, or asked for over ' +
  'an API. Both processes poll without sleeping.';

async function run(budget: Budget): Promise<readonly Result[]> {
  const rates = await toxcoreRates(budget);
  if (typeof rates === 'string') return [skipped('toxcore', 'messages/s', counts, rates)];
  const figure = { value: round(median(rates)), unit: 'messages/s', spread: spreadOf(rates), ratios: {} };
  return [{ case: 'toxcore', ...figure, counts }];
}

export const toxcore: Case = { names: ['toxcore'], run };
