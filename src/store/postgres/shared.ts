/** src/store/postgres/shared.ts: what the parts of one open PostgreSQL store hold in common. */
import type pg from 'pg';
import type { GateDefinition, Instant } from '../../engine/definition.ts';
import type { RequestId } from '../../engine/request.ts';
import type { Definitions, Live, LiveRequests } from '../memory.ts';
import type { Checkpoint, CheckpointSigner, Committed } from '../port.ts';
import { askedOf, type Fold, stateOf } from '../snapshot.ts';
import * as statements from './statements.ts';
import type { Tail } from './tail.ts';

/** A request's row with the text of its `opened` event. */
export interface SnapshotColumns {
  readonly id: RequestId;
  readonly definition: string;
  readonly hash: string;
  readonly due_at: Instant | null;
  readonly asked: string;
  readonly progress: string;
  readonly opened: string;
}

export interface Shared {
  /** For transactions of commands alone, so that no reader keeps them waiting. */
  readonly commits: pg.Pool;
  readonly reads: pg.Pool;
  readonly signer: CheckpointSigner;
  readonly fold: Fold;
  readonly clock: () => Instant;
  readonly warn: (message: string) => void;
  /** What this process saw last. Another replica may know better, so a row's hash says whether it still holds. */
  readonly live: LiveRequests;
  readonly definitions: Definitions;
  readonly tail: Tail;
  /** Names this process in what it tells the others. */
  readonly origin: string;
  /** false: the database has no NOTIFY. */
  readonly notifies: () => boolean;
  /** Deliveries wait since a commit of this process: new ones to these targets; null: others, too. */
  readonly queued: (targets: Iterable<string> | null) => void;
  /** After a commit of this process. */
  readonly publish: (committed: Committed) => void;
  /** Tells of a checkpoint that is durable by now. */
  readonly announce: (checkpoint: Checkpoint) => void;
  /** Changes after these versions may have been committed by this process, without an answer. */
  readonly doubt: (before: ReadonlyMap<RequestId, number>) => void;
}

type Queries = Pick<pg.ClientBase, 'query'>;

/** Rows as requests; what is known by its hash is not parsed again. */
export async function livesOf(
  shared: Shared,
  client: Queries,
  rows: readonly SnapshotColumns[],
): Promise<Map<RequestId, Live>> {
  const gates = await gatesOf(
    shared,
    client,
    rows.map((row) => row.definition),
  );
  const lives = new Map<RequestId, Live>();
  for (const row of rows) {
    const known = shared.live.get(row.id);
    if (known?.hash === row.hash && known.definition === row.definition) {
      lives.set(row.id, known);
      continue;
    }
    const gate = gates.get(row.definition);
    if (gate === undefined) throw new Error(`The gate definition ${row.definition} of ${row.id} is missing.`);
    const live: Live = {
      state: stateOf(row, gate, shared.fold),
      definition: row.definition,
      hash: row.hash,
      dueAt: row.due_at,
      asked: askedOf(row),
      weight: row.opened.length + row.progress.length,
    };
    shared.live.set(row.id, live);
    lives.set(row.id, live);
  }
  return lives;
}

/** Definitions never change, so what is kept holds. Those that are missing are missing in the map. */
export async function gatesOf(
  shared: Shared,
  client: Queries,
  digests: readonly string[],
): Promise<ReadonlyMap<string, GateDefinition>> {
  const gates = new Map<string, GateDefinition>();
  const unknown: string[] = [];
  for (const digest of new Set(digests)) {
    const kept = shared.definitions.find(digest);
    if (kept === null) unknown.push(digest);
    else gates.set(digest, kept);
  }
  if (unknown.length === 0) return gates;
  const { rows } = await client.query<{ digest: string; json: string }>(statements.definitions(unknown));
  for (const { digest, json } of rows) {
    const gate: GateDefinition = JSON.parse(json);
    shared.definitions.keep(digest, gate);
    gates.set(digest, gate);
  }
  return gates;
}
