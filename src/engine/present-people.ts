/** src/engine/present-people.ts: the presenter's words for people: who paused what, who is asked, and in whose place. */
import type { Instant, PersonId } from './definition.ts';
import type { Directory } from './directory.ts';
import { isDeadlineStopped, pausesOf } from './pauses.ts';
import type { Actor, PauseScope, Pending, RuleState, StageState } from './request.ts';
import { openStage } from './timers.ts';
import type { PersonView, RequestView } from './view.ts';

export type NameOf = (id: PersonId) => PersonView;

export function actorName(actor: Actor, name: NameOf): string {
  return actor.kind === 'person' ? name(actor.person).name : `pipeline ${actor.pipeline}`;
}

const because = (reason: string | null): string => (reason === null ? '' : `: ${reason}`);

const PAUSED: Readonly<Record<PauseScope['kind'], (state: Pending) => string>> = {
  gate: ({ gate }) => `The gate ${gate.name} is paused`,
  pipeline: ({ content }) => `The pipeline ${content.pipeline} is paused`,
  everything: () => 'Everything is paused',
};

/** "The gate deploy-prod is paused by Ana Silva: a release train"; each pause by itself. */
export function pausedSentence(state: Pending, name: NameOf): string {
  const each = pausesOf(state).map(({ by, reason, scope }) => {
    const what = scope === undefined ? 'Paused' : PAUSED[scope.kind](state);
    return `${what} by ${actorName(by, name)}${because(reason)}`;
  });
  if (state.expiresAt !== null && !isDeadlineStopped(state)) each.push('The deadline runs on');
  return each.join('. ');
}

/** For whom this person stands in; null: for nobody. */
export function askedFor(
  state: Pending,
  person: PersonId,
  directory: Directory,
  now: Instant | null,
): RequestView['asked'] | null {
  for (const { approvers, standsFor, removed } of openStage(state)?.stage.rules ?? []) {
    const absent = approvers.includes(person) && Object.hasOwn(standsFor, person) ? standsFor[person] : undefined;
    if (absent === undefined) continue;
    const of = directory.people.get(absent);
    const name = of?.name ?? absent;
    if (removed.includes(absent))
      return { sentence: `You are asked in place of ${name}, whose part was handed to you`, until: null };
    const absence = now === null ? undefined : of?.away.find(({ from, to }) => from <= now && now < to);
    return { sentence: `You are asked for ${name}, who is away`, until: absence?.to ?? null };
  }
  return null;
}

export function approverView({ standsFor }: RuleState, person: PersonId, name: NameOf): PersonView {
  const absent = Object.hasOwn(standsFor, person) ? standsFor[person] : undefined;
  return absent === undefined ? name(person) : { ...name(person), standsFor: name(absent).name };
}

/** "Ben Okoye (for Ana Silva)" */
export function standInName({ rules }: StageState, person: PersonId, name: NameOf): string {
  const rule = rules.find(({ approvers, standsFor }) => approvers.includes(person) && Object.hasOwn(standsFor, person));
  const shown = rule === undefined ? name(person) : approverView(rule, person, name);
  return shown.standsFor === undefined ? shown.name : `${shown.name} (for ${shown.standsFor})`;
}
