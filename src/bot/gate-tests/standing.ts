/** src/bot/gate-tests/standing.ts: how a request stands where a test looks at it, and what is said when that is not as expected. */
import type { Instant } from '../../engine/definition.ts';
import type { RequestState } from '../../engine/request.ts';
import { dueAt } from '../../engine/timers.ts';
import type { Path } from '../config/index.ts';
import type { Moment } from '../rehearsal/play.ts';
import { momentText, offsetText } from './moments.ts';
import type { Plan } from './plan.ts';

/** The moments so far, and when it is. There is a request: it has opened. */
export interface Standing {
  readonly moments: readonly Moment[];
  readonly state: RequestState;
  readonly now: Instant;
  readonly plan: Plan;
}

/** One thing that is not as expected. Lines that both sides have are alike. */
export interface Mismatch {
  readonly path: Path;
  readonly what: string;
  readonly expected: readonly string[];
  readonly got: readonly string[];
  /** What may be behind it. */
  readonly hint: string | null;
}

/** "Ben Okoye (ben)"; a channel as it is. */
export function nameOf(id: string, { scene }: Plan): string {
  const name = scene.routes.directory.people.get(id)?.name;
  return name === undefined || name === id ? id : `${name} (${id})`;
}

/** The commonest mistake: the test stops before what it waits for. */
export function clockHint({ state, now, plan }: Standing): string | null {
  const next = dueAt(state);
  if (next === null || next <= now) return null;
  const { from } = plan.scene;
  const after = offsetText(next, from).slice(1);
  return `The clock stands at ${offsetText(now, from)}, and what comes next by itself is due at ${momentText(next, from)}; let time pass with { after: ${after} }.`;
}
