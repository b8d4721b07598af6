/** Everything outside of the client, as it is handed in. */
import type { KeyAgreement, PeerAddress, Primitives } from '@mycelium/protocol';
import type {
  ClientStore,
  Clock,
  DirectoryNetwork,
  DomainRecords,
  MailAgent,
  Randomness,
} from '@mycelium/runtime';
import type { UnwantedIntroductions } from './contacts/unwanted.ts';

export interface ClientPorts {
  readonly store: ClientStore;
  readonly mail: MailAgent;
  readonly directory: DirectoryNetwork;
  /** Undefined: domains are not looked up. */
  readonly domains?: DomainRecords | undefined;
  readonly agreement: KeyAgreement;
  readonly primitives: Primitives;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Where this installation can be dialled at the moment. Told to accepted contacts only. */
  ownAddresses(): readonly PeerAddress[];
  /** This node keeps mail for others: it is the account's relay while no other is chosen. */
  readonly isRelay: boolean;
  /** Work that strangers do for one intake frame, in leading zero bits. Undefined: the usual. */
  readonly intakeDifficulty?: number;
  /** A sentence for the log of the program: no secrets, no addresses of people. */
  note?(sentence: string): void;
}

/** What a transition may use: ports without effects on others, and what marks this run of the program. */
export interface StepPorts extends Pick<
  ClientPorts,
  'agreement' | 'primitives' | 'randomness' | 'ownAddresses' | 'isRelay'
> {
  /** Different for each start of the program. */
  readonly run: string;
  /** Of people who are blocked or ignored: known again as long as this run lasts. */
  readonly unwanted: UnwantedIntroductions;
  readonly intakeDifficulty: number;
}
