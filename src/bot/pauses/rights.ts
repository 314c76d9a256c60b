/**
 * src/bot/pauses/rights.ts: who may pause what, and let it go on again. A gate: its owners, whoever its stages ask today,
 * whoever may bypass it, and the admins. A pipeline or everything: the admins. Pipelines as their `may` and `gates` say.
 */
import type { ApproverRef, GateDefinition, Instant, PersonId } from '../../engine/definition.ts';
import { type Directory, resolve } from '../../engine/directory.ts';
import type { Actor } from '../../engine/request.ts';
import type { Config, Pipeline } from '../config/index.ts';
import type { HouseScope } from './house-pause.ts';

export interface House {
  readonly config: Pick<Config, 'gates' | 'pipelines' | 'admins'>;
  /** The newest, with the members of groups that somebody else keeps. */
  readonly directory: Directory;
  readonly now: Instant;
}

export function mayPause(by: Actor, scope: HouseScope, house: House): boolean {
  return by.kind === 'pipeline' ? pipelineMay(by.pipeline, scope, house) : personMay(by.person, scope, house);
}

function pipelineMay(name: string, scope: HouseScope, { config }: House): boolean {
  const pipeline = config.pipelines.find((known) => known.name === name);
  return pipeline?.may.has('pause') === true && isWithin(scope, pipeline);
}

/** Whether all that the scope covers is the pipeline's own: gates that it may open, and itself. */
export function isWithin(scope: HouseScope, pipeline: Pipeline): boolean {
  switch (scope.kind) {
    case 'gate':
      return pipeline.mayOpen(scope.gate);
    case 'pipeline':
      return pipeline.name === scope.pipeline || pipeline.mayOpenAll;
    case 'everything':
      return pipeline.mayOpenAll;
  }
}

function personMay(person: PersonId, scope: HouseScope, house: House): boolean {
  if (!house.directory.people.has(person)) return false;
  const { admins, gates } = house.config;
  if (isMeant(person, admins, house)) return true;
  const gate = scope.kind === 'gate' ? gates.get(scope.gate) : undefined;
  return gate !== undefined && isMeant(person, keepersOf(gate), house);
}

const keepersOf = ({ owners = [], stages, bypass }: GateDefinition): readonly ApproverRef[] => [
  ...owners,
  ...stages.flatMap(({ rules }) => rules.flatMap(({ approvers }) => approvers)),
  ...(bypass?.by ?? []),
];

/**
 * Whether one of the references means the person: themselves, away or not, or as whoever stands in for somebody today.
 * Each for itself: a directory that can't be asked takes nobody's right but that of its own members.
 */
function isMeant(person: PersonId, refs: readonly ApproverRef[], { directory, now }: House): boolean {
  return refs.some((ref) =>
    [now, BEFORE_ANY_ABSENCE].some((at) => {
      const facts = { requester: null, approvers: [], exclude: null, now: at };
      const meant = resolve([ref], directory, facts);
      return meant.kind === 'people' && meant.people.includes(person);
    }),
  );
}

const BEFORE_ANY_ABSENCE = Number.NEGATIVE_INFINITY;
