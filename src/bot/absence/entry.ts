/**
 * src/bot/absence/entry.ts: what somebody said about being away, as it is kept: one small text each, so that two people,
 * or two replicas, never overwrite each other. It is kept twice: for as long as it lasts where every tick reads it, and
 * for a while longer as history, which is read when somebody asks.
 */
import { z } from 'zod';
import type { Instant, PersonId } from '../../engine/definition.ts';
import { HISTORY_MS } from './limits.ts';

const Entry = z.strictObject({
  id: z.string(),
  person: z.string(),
  /** `here`: whatever a calendar or the config says of this time. */
  kind: z.enum(['away', 'here']),
  from: z.number(),
  to: z.number(),
  delegate: z.string().nullable(),
  /** Who said it, where and when. */
  by: z.string(),
  via: z.enum(['slack', 'teams', 'web']),
  at: z.number(),
  /** Taken back or ended early, at this moment. */
  endedAt: z.number().optional(),
});

export interface AwayEntry {
  readonly id: string;
  readonly person: PersonId;
  readonly kind: 'away' | 'here';
  readonly from: Instant;
  readonly to: Instant;
  readonly delegate: PersonId | null;
  readonly by: PersonId;
  readonly via: 'slack' | 'teams' | 'web';
  readonly at: Instant;
  readonly endedAt?: Instant | undefined;
}

/** How the names of those begin that are not over. */
export const PREFIX = 'away:';

export const nameOf = ({ person, id }: AwayEntry): string => `${PREFIX}${person}:${id}`;

/** How the names of a person's history begin. */
export const historyOf = (person: PersonId): string => `away-history:${person}:`;

export const keptUntil = (entry: AwayEntry): Instant => Math.max(entry.from, endOf(entry)) + HISTORY_MS;

/** null: this is none of ours. */
export function parseEntry(text: string): AwayEntry | null {
  try {
    return Entry.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** What is left of it: nothing where it was taken back before it began. */
export const endOf = ({ to, endedAt }: AwayEntry): Instant => Math.min(to, endedAt ?? to);
