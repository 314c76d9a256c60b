/** src/bot/gate-tests/steps.ts: the steps of a test: time passes, people act, the directory changes. */
import type { GateDefinition, Instant } from '../../engine/definition.ts';
import type { Directory } from '../../engine/directory.ts';
import type { Refusal } from '../../engine/refusal.ts';
import type { Actor, PauseScope } from '../../engine/request.ts';
import { type Path, type Report, suggestion } from '../config/index.ts';
import type { Act, Cast } from '../rehearsal/play.ts';
import { type Expectation, type ExpectFacts, expectationOf, refusalAt } from './expect.ts';
import { castOf, reportStranger, withoutPeople } from './given.ts';
import { MOMENT_FORM, momentOf, SPAN_FORM, spanOf } from './moments.ts';
import { ACTIONS, type ActionName, type StepShape } from './shape.ts';

export interface Step {
  readonly path: Path;
  readonly at: Instant;
  /** Index among the acts; null where only time passes. */
  readonly act: number | null;
  /** "ben: vote approve", for messages. */
  readonly label: string;
  readonly refused: Refusal | null;
  /** Of what is so after it. */
  readonly expected: Expectation | null;
}

export interface Course {
  readonly steps: readonly Step[];
  /** What happens by itself to the directory comes first, so that it is before what people do at the same moment. */
  readonly acts: readonly Act[];
  readonly directory: Cast;
  /** When the clock stops. */
  readonly until: Instant;
}

export interface StepFacts extends ExpectFacts {
  readonly pipeline: string;
}

type Doing = Act['command'];

/** Only a person can do these; the others are the pipeline's where nobody is named. */
const PERSONAL: readonly ActionName[] = ['vote', 'withdraw', 'ask', 'delegate', 'snooze', 'bypass', 'review'];
const PIPELINES_OWN: readonly ActionName[] = ['heartbeat', 'supersede'];
/** What belongs to some actions only. */
const BELONGS = {
  reason: ['vote', 'delegate', 'reassign'],
  inputs: ['vote'],
  change: ['vote'],
  scope: ['pause', 'resume'],
  clocks: ['pause'],
} as const satisfies Partial<Record<keyof StepShape, readonly ActionName[]>>;

export function courseOf(shapes: readonly StepShape[], path: Path, facts: StepFacts, report: Report): Course {
  const casts: { readonly from: Instant; readonly directory: Directory }[] = [];
  const acts: Act[] = [];
  const steps: Step[] = [];
  let now = facts.from;
  let directory = facts.directory;
  for (const [i, shape] of shapes.entries()) {
    const here: Path = [...path, i];
    now = timeOf(shape, now, facts.from, here, report);
    const changed = directoryAfter(shape, directory, here, report);
    const action = actionOf(shape, here, report);
    if (changed !== directory) {
      directory = changed;
      casts.push({ from: now, directory });
    }
    const known = { ...facts, directory };
    const doing =
      action !== null ? doingOf(action, shape, now, here, known, report) : isChange(shape) ? resolving : null;
    if (doing !== null) acts.push({ at: now, command: doing });
    if (shape.refused !== undefined && action === null) report([...here, 'refused'], 'needs something that is done');
    steps.push({
      path: here,
      at: now,
      act: doing === null ? null : acts.length - 1,
      label: labelOf(shape, action),
      refused: shape.refused === undefined ? null : refusalAt(shape.refused, [...here, 'refused'], report),
      expected: shape.then === undefined ? null : expectationOf(shape.then, [...here, 'then'], known, report),
    });
  }
  const edges = absenceEdges([{ from: facts.from, directory: facts.directory }, ...casts], now);
  const castAt: Cast = (at) => casts.findLast(({ from }) => from <= at)?.directory ?? facts.directory;
  return {
    steps: steps.map((step) => ({ ...step, act: step.act === null ? null : step.act + edges.length })),
    acts: [...edges.map((at) => ({ at, command: resolving })), ...acts],
    directory: casts.length === 0 ? facts.directory : castAt,
    until: now,
  };
}

/** When somebody goes away or comes back, and the bot asks anew who may decide. Not before the test, nor after it. */
function absenceEdges(
  casts: readonly { readonly from: Instant; readonly directory: Directory }[],
  until: Instant,
): readonly Instant[] {
  const edges = new Set<Instant>();
  for (const [i, { from, directory }] of casts.entries()) {
    const end = casts[i + 1]?.from ?? until + 1;
    for (const { away } of directory.people.values())
      for (const absence of away)
        for (const edge of [absence.from, absence.to]) if (edge > from && edge < end) edges.add(edge);
  }
  return [...edges];
}

/** The bot asks anew who may decide whenever somebody's absence or a group has changed. */
const resolving: Doing = (directory) => ({ type: 'resolveApprovers', directory });

const isChange = ({ people, groups, gone }: StepShape): boolean =>
  people !== undefined || groups !== undefined || gone !== undefined;

function timeOf(shape: StepShape, before: Instant, from: Instant, path: Path, report: Report): Instant {
  const { after, at } = shape;
  if (after !== undefined && at !== undefined) report([...path, 'at'], 'cannot stand beside "after"');
  const span = after === undefined ? null : spanOf(after);
  if (after !== undefined && span === null) report([...path, 'after'], SPAN_FORM);
  const moment = at === undefined ? null : momentOf(at, from);
  if (at !== undefined && moment === null) report([...path, 'at'], MOMENT_FORM);
  const now = span === null ? (moment ?? before) : from + span;
  if (now < before) report([...path, after === undefined ? 'at' : 'after'], 'comes before the step above it');
  return Math.max(now, before);
}

function directoryAfter(shape: StepShape, before: Directory, path: Path, report: Report): Directory {
  const { gone = [] } = shape;
  for (const [i, name] of gone.entries()) reportStranger(name, before, [...path, 'gone', i], report);
  const cast = castOf(before, shape, path, report);
  return gone.length === 0 ? cast : withoutPeople(cast, gone);
}

/** The one thing that is done in a step, or null. */
function actionOf(shape: StepShape, path: Path, report: Report): ActionName | null {
  const [action = null, second] = ACTIONS.filter((name) => shape[name] !== undefined);
  if (second !== undefined) report([...path, second], `cannot stand beside "${action}": a step does one thing`);
  if (action !== null && isChange(shape))
    report([...path, action], 'cannot stand beside a change of people or groups: a step does one thing');
  for (const [key, owners] of Object.entries(BELONGS))
    if (Object.hasOwn(shape, key) && !owners.some((owner) => owner === action))
      report([...path, key], `belongs to ${owners.map((owner) => `"${owner}"`).join(' and ')}`);
  const { person } = shape;
  if (person === undefined && action !== null && PERSONAL.includes(action))
    report([...path, action], 'needs "person": who does it?');
  if (person !== undefined && action === null)
    report([...path, 'person'], 'does nothing: add "vote" or another action');
  if (person !== undefined && action !== null && PIPELINES_OWN.includes(action))
    report([...path, 'person'], `cannot do "${action}": only the pipeline does`);
  return action;
}

function doingOf(
  action: ActionName,
  shape: StepShape,
  now: Instant,
  path: Path,
  facts: StepFacts,
  report: Report,
): Doing {
  const isStranger = shape.refused === 'unknown_person';
  const known = (name: string, key: string) =>
    isStranger || reportStranger(name, facts.directory, [...path, key], report);
  const person = shape.person ?? '';
  if (person !== '') known(person, 'person');
  const { pipeline } = facts;
  const by: Actor =
    person === '' ? { kind: 'pipeline', pipeline } : { kind: 'person', person, via: 'web', pipeline: null };
  const { reason = null } = shape;
  switch (action) {
    case 'vote': {
      const option = shape.vote ?? '';
      if (shape.refused !== 'unknown_option') reportOption(option, facts.gate, [...path, 'vote'], report);
      const { inputs = {}, change } = shape;
      const replaces = change === true ? 'current' : null;
      const fixed = {
        person,
        option,
        reason,
        inputs,
        via: 'web',
        pipeline: null,
        assurance: 'high',
        replaces,
      } as const;
      return (directory) => ({ type: 'vote', ...fixed, directory });
    }
    case 'withdraw':
      return () => ({ type: 'withdrawVote', person, via: 'web', replaces: 'current' });
    case 'comment':
      return () => ({ type: 'comment', by, text: shape.comment ?? '' });
    case 'ask':
      return () => ({ type: 'requestInformation', by: person, question: shape.ask ?? '' });
    case 'answer':
      return () => ({ type: 'returnInformation', by, answer: shape.answer ?? '' });
    case 'delegate': {
      const to = shape.delegate ?? '';
      known(to, 'delegate');
      return (directory) => ({ type: 'delegate', from: person, to, reason, directory });
    }
    case 'reassign': {
      const { from, to } = shape.reassign ?? { from: '', to: '' };
      for (const name of [from, to]) known(name, 'reassign');
      return (directory) => ({ type: 'reassign', by, from, to, reason, directory });
    }
    case 'snooze': {
      const until = momentOf(shape.snooze ?? '', now);
      if (until === null) report([...path, 'snooze'], 'must be a duration from then on, or a moment');
      return () => ({ type: 'snooze', person, until: until ?? now });
    }
    case 'pause': {
      const clocks = shape.clocks === undefined ? {} : { clocks: shape.clocks };
      return () => ({ type: 'pause', by, reason: reasonIn(shape.pause), ...scopeOf(shape), ...clocks });
    }
    case 'resume':
      return () => ({ type: 'resume', by, ...scopeOf(shape) });
    case 'cancel':
      return () => ({ type: 'cancel', by, reason: reasonIn(shape.cancel) });
    case 'supersede':
      return () => ({ type: 'supersede', by: `req_${'0'.repeat(31)}2` });
    case 'bypass': {
      const fixed = { person, reason: reasonIn(shape.bypass), via: 'web', assurance: 'high' } as const;
      return (directory) => ({ type: 'bypass', ...fixed, directory });
    }
    case 'review':
      return (directory) => ({ type: 'reviewBypass', person, note: reasonIn(shape.review), directory });
    case 'heartbeat':
      return () => ({ type: 'heartbeat' });
    case 'nudge':
      return () => ({ type: 'nudge', by });
  }
}

const reasonIn = (given: string | true | undefined): string | null => (typeof given === 'string' ? given : null);

/** A pause of the house has one name here: a test has one of each kind. */
const scopeOf = ({ scope }: StepShape): { scope?: PauseScope } =>
  scope === undefined ? {} : { scope: { kind: scope, id: scope } };

function reportOption(id: string, { options }: GateDefinition, path: Path, report: Report): void {
  const known = options.map((option) => option.id);
  if (!known.includes(id)) report(path, `"${id}" is not an option of this gate${suggestion(id, known)}`);
}

function labelOf(shape: StepShape, action: ActionName | null): string {
  if (action === null) return isChange(shape) ? 'people or groups change' : 'time passes';
  const value = shape[action];
  const what = typeof value === 'string' ? `${action} ${value}` : action;
  return shape.person === undefined ? what : `${shape.person}: ${what}`;
}
