/**
 * Does a cluster keep the promise of *stored* (spec/mail.md, "Serving"): on disk and synced before the answer? JetStream
 * does with `sync_interval: always`, which servers know since 2.10; older ones and others sync minutes later. Asked of
 * each server that holds our streams, by its monitoring port, because nothing else tells.
 */

export interface ServerReport {
  readonly name: string;
  readonly version: string;
  readonly syncsAlways: boolean;
}

/** `why`: what stands against it, a sentence for the operator. */
export type Verdict =
  { readonly keepsPromise: true } | { readonly keepsPromise: false; readonly why: string };

const oldest = { major: 2, minor: 10 };

/** What `/varz` says. Undefined when it is not that. */
export function readServerReport(body: unknown): ServerReport | undefined {
  const server = fields(body);
  const { server_name: name, version } = server;
  if (typeof name !== 'string' || typeof version !== 'string') return undefined;
  const { sync_always: syncsAlways } = fields(fields(server['jetstream'])['config']);
  return { name, version, syncsAlways: syncsAlways === true };
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

export function judgeServers(holding: ReadonlySet<string>, reports: readonly ServerReport[]): Verdict {
  for (const name of holding) {
    const report = reports.find((one) => one.name === name);
    if (report === undefined)
      return no(`the server ${name} does not say how it syncs: its monitoring port does not answer`);
    if (!isNewEnough(report.version))
      return no(
        `the server ${name} is version ${report.version}, which cannot sync before it answers (2.10 and later can)`,
      );
    if (!report.syncsAlways) return no(`the server ${name} runs without "sync_interval: always"`);
  }
  return holding.size > 0 ? { keepsPromise: true } : no('no server says that it holds the streams');
}

function no(why: string): Verdict {
  return { keepsPromise: false, why };
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldest.major || (major === oldest.major && minor >= oldest.minor);
}

const askTimeoutMs = 2000;

/** `hosts` as `HOST:PORT` of monitoring ports. Those that do not answer are left out. */
export async function askServers(hosts: Iterable<string>): Promise<readonly ServerReport[]> {
  const ask = async (host: string): Promise<ServerReport | undefined> => {
    try {
      const answer = await fetch(`http://${host}/varz`, { signal: AbortSignal.timeout(askTimeoutMs) });
      return readServerReport(await answer.json());
    } catch {
      return undefined;
    }
  };
  const reports = await Promise.all(Array.from(new Set(hosts), ask));
  return reports.filter((report) => report !== undefined);
}
