/** Alice, Bob and three relays that are directory nodes too, on the machines of a small internet. */
import { connect, type Connection } from '../../apps/mycelium/src/connection.ts';
import { TestNode, type NodeOptions } from '../harness/node.ts';
import { alicesAddress, befriend, bobsAddress, startPerson } from '../harness/people.ts';
import { World } from '../harness/program.ts';
import { Internet, type Nat } from './internet.ts';

export interface Scene {
  readonly net: Internet;
  readonly relays: readonly TestNode[];
  /** Their IP addresses. */
  readonly relayHosts: readonly string[];
  readonly alice: TestNode;
  readonly bob: TestNode;
  end(): Promise<void>;
}

export interface SceneWish {
  readonly alice: Nat;
  readonly bob: Nat;
  /** Of three relays, so many. */
  readonly relays?: number;
  /** They know the relays by WebSocket too. */
  readonly websocket?: boolean;
  /** Said before anybody runs: what is lost from the beginning. */
  prepare?(net: Internet): void;
}

const relayNames = ['ra', 'rb', 'rc'];
const mailPort = 4410;
/** Through which most networks let everything. */
export const webSocketPort = 443;

/** They are contacts, and have heard of each other. */
export async function startScene(wish: SceneWish): Promise<Scene> {
  const world = new World();
  const net = new Internet(world);
  const end = async (): Promise<void> => {
    await world.end();
    net.end();
  };
  try {
    const relays = await startRelays(world, net, wish);
    net.home('alice', wish.alice);
    net.home('bob', wish.bob);
    wish.prepare?.(net);
    const known = {
      listen: [`0.0.0.0:${mailPort}`],
      bootstrap: relays.map(({ address }) => address),
      relays: relays.flatMap(({ addresses }) => addresses),
    };
    const [alice, bob] = await Promise.all([
      startPerson(world, alicesAddress, { ...net.on('alice'), ...known }),
      startPerson(world, bobsAddress, { ...net.on('bob'), ...known }),
    ]);
    await befriend(alice, bob);
    const relayHosts = relays.map(({ address }) => /@(?<host>[\d.]+):/.exec(address)?.groups?.['host'] ?? '');
    return { net, relays, relayHosts, alice, bob, end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function startRelays(
  world: World,
  net: Internet,
  { relays = relayNames.length, websocket = false }: SceneWish,
): Promise<readonly TestNode[]> {
  const [first, ...others] = relayNames.slice(0, relays).map((name) => {
    const host = net.host(name);
    const options: NodeOptions = {
      ...net.on(name),
      roles: 'relay,directory',
      listen: [`${host}:${mailPort}`],
      args: websocket ? ['--websocket', `${host}:${webSocketPort}`] : [],
    };
    return new TestNode(world, name, options);
  });
  if (first === undefined) throw new Error('there is a relay at least');
  await first.start();
  for (const other of others) other.options = { ...other.options, bootstrap: [first.address] };
  return [first, ...(await Promise.all(others.map((other) => other.start())))];
}

/** Alice and Bob on one network from which nothing leads anywhere; they keep mail for themselves. Each other's last addresses are wrong. */
export async function startIsland(): Promise<Scene> {
  const world = new World();
  const net = new Internet(world);
  const end = async (): Promise<void> => {
    await world.end();
    net.end();
  };
  try {
    net.island('alice', 'bob');
    const everywhere = { roles: 'user,relay', listen: [`0.0.0.0:${mailPort}`] };
    const [alice, bob] = await Promise.all([
      startPerson(world, alicesAddress, { ...net.on('alice'), ...everywhere }),
      startPerson(world, bobsAddress, { ...net.on('bob'), ...everywhere }),
    ]);
    await befriend(alice, bob);
    await Promise.all([alice.stop(), bob.stop()]);
    net.readdress('alice', '10.99.0.7/24');
    net.readdress('bob', '10.99.0.8/24');
    await bob.start();
    return { net, relays: [], relayHosts: [], alice, bob, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** One long-lived connection to the API of a node, on which its command line stands too. */
export async function callerOf(node: TestNode): Promise<Connection> {
  const caller = await connect(node.data);
  if (caller === undefined) throw new Error(`${node.name} runs no node`);
  return caller;
}
