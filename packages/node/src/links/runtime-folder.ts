/**
 * Where programs of one user on one machine meet (spec/links.md, "Paths"): a folder that only the user can enter,
 * with a socket for each running transport, named by the start of its key.
 */
import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { bytesToHex } from '@mycelium/protocol';

/** `sun_path` is 108 bytes on Linux and 104 on others, with its zero. */
const socketPathBytesMax = 103;

/** `$XDG_RUNTIME_DIR/mycelium`, or a folder of this user's in the temporary folder. */
export function defaultRuntimeFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const given = environment['XDG_RUNTIME_DIR'];
  if (given !== undefined && path.isAbsolute(given)) return path.join(given, 'mycelium');
  return path.join(tmpdir(), `mycelium-${userInfo().uid}`);
}

/** Undefined when the folder's path is too long for a socket. */
export function socketPath(folder: string, key: Uint8Array): string | undefined {
  const socket = path.join(folder, `${bytesToHex(key.subarray(0, 12))}.sock`);
  return Buffer.byteLength(socket) <= socketPathBytesMax ? socket : undefined;
}

/**
 * Makes the folder, or checks that an existing one is ours alone. False: somebody else can get in, or owns the name.
 * Then there is no path over this machine's sockets; the others work.
 */
export async function prepareRuntimeFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const found = await lstat(folder);
    if (!found.isDirectory() || found.uid !== userInfo().uid) return false;
    if ((found.mode & 0o077) !== 0) await chmod(folder, 0o700);
    return true;
  } catch {
    return false;
  }
}

/** Removes a socket that nobody listens on any more. False: somebody does. */
export async function removeStaleSocket(socket: string): Promise<boolean> {
  const answered = await new Promise<boolean>((resolve) => {
    const probe = connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (answered) return false;
  await unlink(socket).catch(() => undefined);
  return true;
}
