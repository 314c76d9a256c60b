/** src/store/sqlite/shared.ts: what the parts of one open SQLite store hold in common. */
import type { Instant } from '../../engine/definition.ts';
import type { RequestId } from '../../engine/request.ts';
import type { Definitions, Live, LiveRequests } from '../memory.ts';
import type { Checkpoint, CheckpointSigner, Committed } from '../port.ts';
import type { TallyRow } from '../schema.ts';
import type { Outbox } from './outbox.ts';
import type { Statements } from './statements.ts';

/** Where the log stands, as last committed. */
export interface LogEnd {
  /** Of the newest event; 0: none. */
  position: number;
  checkpoint: Checkpoint | null;
  /** Of the events since the checkpoint. */
  hashes: string[];
  tallies: Omit<TallyRow, 'id'>;
}

export interface Shared {
  readonly statements: Statements;
  readonly signer: CheckpointSigner;
  readonly clock: () => Instant;
  readonly warn: (message: string) => void;
  readonly live: LiveRequests;
  readonly definitions: Definitions;
  readonly outbox: Outbox;
  readonly log: LogEnd;
  /** The request as committed, from memory or its row. */
  readonly read: (id: RequestId) => Live | null;
  readonly publish: (committed: Committed) => void;
  /** Tells of a checkpoint that is durable by now. */
  readonly announce: (checkpoint: Checkpoint) => void;
}
