/** src/bot/gate-tests/run.ts: plays one test and compares. Pure: the same plan gives the same result. */
import type { Instant } from '../../engine/definition.ts';
import { words } from '../../engine/refusal.ts';
import type { FieldError } from '../../engine/request.ts';
import type { Path } from '../config/index.ts';
import { MAX_MOMENTS, type Moment, play } from '../rehearsal/play.ts';
import { mismatchesOf } from './check.ts';
import type { Expectation } from './expect.ts';
import type { Plan } from './plan.ts';
import type { Mismatch } from './standing.ts';
import type { Step } from './steps.ts';

export interface Played {
  readonly plan: Plan;
  /** Empty: it passed. */
  readonly mismatches: readonly Mismatch[];
  readonly moments: readonly Moment[];
}

export function runTest(plan: Plan): Played {
  const moments = play(plan.scene);
  return { plan, moments, mismatches: compared(plan, moments) };
}

function compared(plan: Plan, moments: readonly Moment[]): readonly Mismatch[] {
  const opening = openingMismatch(plan, moments[0]);
  if (opening !== null) return [opening];
  if (moments[0]?.state === null) return [];
  if (moments.length >= MAX_MOMENTS) return [tooMuch(plan.path)];
  const { from, until } = plan.scene;
  const found: Mismatch[] = [];
  // The acts before the first step's are no steps: the bot itself does them.
  let lastAct = (plan.steps.find(({ act }) => act !== null)?.act ?? Number.POSITIVE_INFINITY) - 1;
  for (const step of plan.steps) {
    if (step.act !== null) {
      lastAct = step.act;
      const moment = moments.find(({ by }) => by === step.act);
      found.push(...actMismatch(step, moment));
    }
    if (step.expected !== null) found.push(...look(step.expected, plan, before(moments, step.at, lastAct), step.at));
  }
  if (plan.expected !== null) found.push(...look(plan.expected, plan, moments, until ?? from));
  return found;
}

/** What had happened once a step was over: an act of a later step at the same moment had not. */
function before(moments: readonly Moment[], at: Instant, lastAct: number): readonly Moment[] {
  const end = moments.findIndex((moment) => moment.at > at || (typeof moment.by === 'number' && moment.by > lastAct));
  return end === -1 ? moments : moments.slice(0, end);
}

function look(expectation: Expectation, plan: Plan, moments: readonly Moment[], now: Instant): readonly Mismatch[] {
  const state = moments.at(-1)?.state ?? null;
  return state === null ? [] : mismatchesOf(expectation, { moments, state, now, plan });
}

function openingMismatch({ expected, path }: Plan, first: Moment | undefined): Mismatch | null {
  const wanted = expected?.refused ?? null;
  const got = first?.refusal ?? null;
  if (wanted === got) return null;
  const opened = (refusal: string | null) => (refusal === null ? 'it opens' : `it is refused: ${refusal}`);
  return {
    path: wanted === null ? path : [...path, 'then', 'refused'],
    what: 'opening',
    expected: [opened(wanted)],
    got: [opened(got)],
    hint: got === null ? null : sentenceOf(got, first?.errors ?? []),
  };
}

/** What came after that has not been played, so nothing can be said of it. */
const tooMuch = (path: Path): Mismatch => ({
  path,
  what: 'the play',
  expected: [`fewer than ${MAX_MOMENTS} things happen`],
  got: ['more, and the rest was not played'],
  hint: 'Let less time pass, or let the gate remind less often.',
});

function actMismatch({ path, label, refused }: Step, moment: Moment | undefined): readonly Mismatch[] {
  const got = moment?.refusal ?? null;
  if (got === refused) return [];
  const said = (refusal: string | null) => (refusal === null ? 'it is accepted' : `it is refused: ${refusal}`);
  const hint = got === null ? null : sentenceOf(got, moment?.errors ?? []);
  return [{ path, what: label, expected: [said(refused)], got: [said(got)], hint }];
}

const sentenceOf = (refusal: keyof typeof words, errors: readonly FieldError[]): string =>
  [words[refusal], ...errors.map(({ path, message }) => `${path} ${message}.`)].join(' ');
