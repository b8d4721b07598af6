// Set-up and start, in plain JavaScript that any Node from 18 on runs:
//
//   node scripts/run.js SCRIPT [ARGUMENTS…]     set up what is missing, then run SCRIPT
//   node scripts/run.js                         set up only
//
// 1. Dependencies: `npm ci --ignore-scripts` when node_modules is not what package-lock.json and patches/ ask
//    for (a stamp in node_modules keeps their hash), then our patches. No dependency needs an install script:
//    every native one carries a prebuilt Node-API binary in its npm package.
// 2. Node: where this one is older than 24, which cannot run TypeScript, Node 26 from the npm registry, pinned
//    by hash in scripts/node-26/package-lock.json and kept in .cache/. It stands first on the PATH of SCRIPT.
//
// 3. The page (apps/web): built by Vite into apps/web/dist when its source is not that of the last build.
//
// Paths to SCRIPT are relative to the repository; the working directory stays the caller's.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const cache = path.join(root, '.cache');
const oldestNode = 24;
const nodeVersion = '26.10.0';

class SetupError extends Error {}

const say = (sentence) => process.stderr.write(`${sentence}\n`);

// --- what is wanted and what is there ---------------------------------------------------------------------

function wantedStamp() {
  const hash = createHash('sha256').update(fs.readFileSync(path.join(root, 'package-lock.json')));
  for (const name of patchNames())
    hash.update(name).update(fs.readFileSync(path.join(root, 'patches', name)));
  return hash.digest('hex');
}

function patchNames() {
  const folder = path.join(root, 'patches');
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.patch'))
    .sort();
}

const stampFile = path.join(root, 'node_modules', '.mycelium-stamp');

function dependenciesAreReady() {
  return fs.existsSync(stampFile) && fs.readFileSync(stampFile, 'utf8') === wantedStamp();
}

const nodeFolder = path.join(cache, `node-${nodeVersion}`);

/** The Node that runs our scripts: this one when it is new enough, otherwise the one in the cache. */
function wantedNode() {
  if (Number(process.versions.node.split('.')[0]) >= oldestNode) return process.execPath;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const prefix = platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const executable = platform === 'win' ? 'node.exe' : 'node';
  return path.join(nodeFolder, 'node_modules', `${prefix}-${platform}-${process.arch}`, 'bin', executable);
}

// --- the slow steps ---------------------------------------------------------------------------------------

function npmCi(folder, what) {
  const args = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  args.push('--loglevel=error', '--prefix', folder);
  const options = { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 1 << 26 };
  // Under `npm start` the npm that started us is named; otherwise the one on the PATH is taken.
  const own = process.env.npm_execpath;
  const result =
    own && /npm-cli\.c?js$/.test(own)
      ? spawnSync(process.execPath, [own, ...args], options)
      : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  if (result.error?.code === 'ENOENT') throw new SetupError('npm was not found. Install Node with npm.');
  if (result.error) throw result.error;
  if (result.status !== 0) {
    const [output] = `${result.stderr}${result.stdout}`.split(
      /^npm error\nnpm error (?:Clean install|Usage)/m,
    );
    throw new SetupError(`npm could not install ${what}; its reason is above.`, { cause: output.trim() });
  }
}

function installDependencies() {
  say('Installing dependencies with npm (about half a minute, once)…');
  // From nothing, so that no older patch or hand-made edit can stay.
  fs.rmSync(path.join(root, 'node_modules'), { recursive: true, force: true });
  const stamp = wantedStamp();
  npmCi(root, 'the dependencies');
  if (patchNames().length > 0) {
    say('Applying our patches to dependencies…');
    // Not an install script, so that the patches are there with scripts off too.
    const tool = path.join(root, 'node_modules', 'patch-package', 'index.js');
    const args = [tool, '--error-on-fail'];
    const result = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    if (result.status !== 0) {
      const output = `${result.stdout}${result.stderr}`.trim();
      throw new SetupError('A patch in patches/ does not fit the installed package.', { cause: output });
    }
  }
  fs.writeFileSync(stampFile, stamp);
}

function installNode(executable) {
  say(`Node ${process.versions.node} is too old; fetching Node ${nodeVersion} from the npm registry (once)…`);
  const draft = `${nodeFolder}.draft`; // renamed when whole, so that a cut-off download is never taken for Node
  fs.rmSync(draft, { recursive: true, force: true });
  fs.mkdirSync(draft, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) {
    fs.copyFileSync(path.join(root, 'scripts', 'node-26', name), path.join(draft, name));
  }
  npmCi(draft, `Node ${nodeVersion}`);
  fs.rmSync(nodeFolder, { recursive: true, force: true });
  fs.renameSync(draft, nodeFolder);
  if (spawnSync(executable, ['-v'], { encoding: 'utf8' }).stdout?.trim() !== `v${nodeVersion}`) {
    fs.rmSync(nodeFolder, { recursive: true, force: true });
    const machine = `${process.platform} ${process.arch}`;
    throw new SetupError(
      `No Node ${nodeVersion} for ${machine} runs here. Install Node ${oldestNode} or newer.`,
    );
  }
}

// --- the page -------------------------------------------------------------------------------------------------

const pageSource = path.join(root, 'apps', 'web');
const pageStampFile = path.join(pageSource, 'dist', '.stamp');

/** Of everything that the page is made of. */
function pageStamp() {
  const hash = createHash('sha256').update(wantedStamp());
  for (const folder of [pageSource, path.join(root, 'packages', 'api', 'src')]) {
    const names = fs.readdirSync(folder, { recursive: true }).map(String).sort();
    for (const name of names) {
      const isMade = ['dist', 'node_modules', 'test'].includes(name.split(path.sep)[0]);
      const file = path.join(folder, name);
      if (!isMade && fs.statSync(file).isFile()) hash.update(`${name}\0`).update(fs.readFileSync(file));
    }
  }
  return hash.digest('hex');
}

function pageIsBuilt() {
  return fs.existsSync(pageStampFile) && fs.readFileSync(pageStampFile, 'utf8') === pageStamp();
}

function buildPage(node) {
  say('Building the page (some seconds, when it has changed)…');
  const tool = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [tool, 'build', '--logLevel', 'warn'];
  const result = spawnSync(node, args, { cwd: pageSource, encoding: 'utf8' });
  if (result.status !== 0) {
    const output = `${result.stdout}${result.stderr}`.trim();
    throw new SetupError('The page could not be built.', { cause: output });
  }
  fs.writeFileSync(pageStampFile, pageStamp());
}

/** Commands that only speak to a node need no page. */
function servesPage(script, args) {
  return script !== 'apps/mycelium/src/main.js' || args.some((arg) => arg === 'up' || arg === 'page');
}

// --- one set-up at a time -----------------------------------------------------------------------------------

const lockFile = path.join(cache, 'setup.lock');

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Takes the lock file unless a living process holds it. */
function tryLock() {
  try {
    // Written aside and linked, so that the lock is never seen without its owner's number.
    const mine = `${lockFile}.${process.pid}`;
    fs.writeFileSync(mine, String(process.pid));
    try {
      fs.linkSync(mine, lockFile);
    } finally {
      fs.rmSync(mine, { force: true });
    }
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  let owner;
  try {
    owner = fs.readFileSync(lockFile, 'utf8');
  } catch {
    return false; // just released
  }
  if (isAlive(Number(owner))) return false;
  // Its owner died. Of several waiters one moves it away; whoever moved a newer lock by accident puts it back.
  const aside = `${lockFile}.${process.pid}.dead`;
  try {
    fs.renameSync(lockFile, aside);
    if (fs.readFileSync(aside, 'utf8') !== owner) fs.linkSync(aside, lockFile);
  } catch {
    // another waiter was first
  }
  fs.rmSync(aside, { force: true });
  return false;
}

function withLock(work) {
  fs.mkdirSync(cache, { recursive: true });
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; !tryLock(); tries++) {
    if (tries === 1) say('Another set-up is running here; waiting for it…');
    if (tries > 6000)
      throw new SetupError(`Another set-up has not ended in 20 minutes. Its lock: ${lockFile}`);
    Atomics.wait(pause, 0, 0, 200);
  }
  try {
    work();
  } finally {
    fs.rmSync(lockFile, { force: true });
  }
}

/** `wantsPage`: what is run serves the page, or tries it. */
function setUp(wantsPage) {
  const node = wantedNode();
  if (!dependenciesAreReady() || !fs.existsSync(node)) {
    withLock(() => {
      if (!fs.existsSync(node)) installNode(node);
      if (!dependenciesAreReady()) installDependencies();
    });
  }
  if (wantsPage && !pageIsBuilt()) withLock(() => pageIsBuilt() || buildPage(node));
  return node;
}

// --- run ------------------------------------------------------------------------------------------------------

function start(node, script, args) {
  const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const searched = [path.dirname(node), process.env[pathName]].filter(Boolean).join(path.delimiter);
  const child = spawn(node, [path.resolve(root, script), ...args], {
    // The channel tells the program when we are killed and can pass no signal on (apps/mycelium/src/main.js).
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [pathName]: searched },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the child as well; once is enough.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => fail(new SetupError(`${node} could not be started: ${error.message}`)));
  child.on('exit', (code, signal) => {
    if (signal === null) return process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function fail(error) {
  if (!(error instanceof SetupError)) throw error;
  if (typeof error.cause === 'string') say(error.cause);
  say(`Set-up failed: ${error.message}`);
  process.exit(1);
}

/** Sets up what is missing, then runs a script of the repository with these arguments. */
export function run(script, args) {
  try {
    const node = setUp(servesPage(script, args));
    if (script !== undefined) start(node, script, args);
  } catch (error) {
    fail(error);
  }
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  run(process.argv[2], process.argv.slice(3));
}
