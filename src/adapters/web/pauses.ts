/** src/adapters/web/pauses.ts: what the pages say about pauses of gates, pipelines and everything, and ask of the bot. */
import type { Instant, PersonId } from '../../engine/definition.ts';

export type PauseScopeName =
  | { readonly kind: 'gate'; readonly gate: string }
  | { readonly kind: 'pipeline'; readonly pipeline: string }
  | { readonly kind: 'everything' };

export interface PauseView {
  readonly id: string;
  /** "The gate deploy", "Everything". */
  readonly what: string;
  readonly by: string;
  readonly reason: string | null;
  readonly at: Instant;
  readonly clocks: 'stop' | 'run';
  /** null: it is in force. */
  readonly ended: { readonly by: string; readonly reason: string | null; readonly at: Instant } | null;
  /** Whether the person who looks may let it go on. */
  readonly mayResume: boolean;
  /** Requests that don't show it yet; null: all do, or they are too many to count. */
  readonly left: number | null;
}

export interface PausesView {
  readonly inForce: readonly PauseView[];
  /** Those that ended last. */
  readonly ended: readonly PauseView[];
  /** What the person may pause and is not paused yet. */
  readonly mayPause: readonly PauseScopeName[];
  /** What a pause does where it doesn't say. */
  readonly clocks: 'stop' | 'run';
}

/** `words` are told at the top of the next page, or of this one. */
export type PauseResult =
  | { readonly kind: 'done' | 'refused'; readonly words: string }
  | { readonly kind: 'notFound' | 'unavailable' };

export interface PausePorts {
  /** In force for everything; with a request also for its gate and its pipeline. The oldest first. */
  inForce(about: { readonly gate: string; readonly pipeline: string } | null): readonly PauseView[];
  view(person: PersonId): PausesView;
  pause(
    person: PersonId,
    order: { readonly scope: PauseScopeName; readonly reason: string | null; readonly clocks: 'stop' | 'run' | null },
  ): Promise<PauseResult>;
  resume(person: PersonId, id: string, reason: string | null): Promise<PauseResult>;
}
