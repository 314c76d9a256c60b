/** src/bot/absence/answers.ts: what somebody says about being away, and what comes of it. */
import type { Instant, PersonId } from '../../engine/definition.ts';
import type { Absence } from '../../engine/directory.ts';
import type { AwayEntry } from './entry.ts';
import type { Outlook } from './outlook.ts';

/** What somebody says about being away, as they wrote it. */
export interface Wish {
  /** null: from now on. */
  readonly from: string | null;
  readonly until: string;
  readonly delegate: PersonId | null;
}

export type Announced =
  | { readonly kind: 'refused'; readonly words: string }
  | {
      readonly kind: 'announced';
      readonly entry: AwayEntry;
      readonly timezone: string;
      /** Who is asked instead, stretch by stretch. */
      readonly outlook: readonly Outlook[];
    };

export type Returned =
  /** They were not away, and had announced nothing. */
  | { readonly kind: 'wasHere' }
  /** What was planned is taken back. */
  | { readonly kind: 'takenBack'; readonly entry: AwayEntry; readonly timezone: string }
  /** @property despite until when a calendar or the config would have them away, which is not heeded; null: neither does */
  | { readonly kind: 'back'; readonly despite: Instant | null; readonly timezone: string };

/** How somebody stands, for themselves to read. */
export interface Whereabouts {
  readonly timezone: string;
  readonly current: (Outlook & { readonly said: AwayEntry | null }) | null;
  /** Absences to come, whoever says so, in order. */
  readonly planned: readonly Absence[];
  /** Whether they have announced something that has not begun. */
  readonly hasPlans: boolean;
  /** For whom they are asked now. */
  readonly standsInFor: readonly { readonly person: PersonId; readonly until: Instant }[];
  /** What they said and is over, newest first. */
  readonly past: readonly AwayEntry[];
}
