/** src/bot/pauses/web.ts: what the web pages ask about pauses, answered for the person who looks. */
import type { PausePorts, PauseResult, PauseView } from '../../adapters/web/pauses.ts';
import type { PersonId } from '../../engine/definition.ts';
import type { Actor } from '../../engine/request.ts';
import { StoreUnavailableError } from '../../store/port.ts';
import type { Config } from '../config/index.ts';
import { TEXT } from '../limits.ts';
import type { HousePause, HouseScope } from './house-pause.ts';
import type { HousePauses } from './house-pauses.ts';
import { byWhom, clocksWords, thatOf, whatOf } from './words.ts';

/** Ended ones that the page shows; the API and the command line have them all. */
const LATELY = 10;

export interface PausePortsOptions {
  readonly pauses: HousePauses;
  readonly config: () => Pick<Config, 'directory' | 'gates' | 'pipelines' | 'pauseClocks'>;
}

export function pausePorts({ pauses, config }: PausePortsOptions): PausePorts {
  const actor = (person: PersonId): Actor => ({ kind: 'person', person, via: 'web', pipeline: null });
  const shown = (pause: HousePause, person: PersonId | null): PauseView => {
    const { id, scope, by, reason, at, clocks, ended } = pause;
    const { directory } = config();
    return {
      id,
      what: whatOf(scope),
      by: byWhom(by, directory),
      reason,
      at,
      clocks,
      ended: ended === null ? null : { ...ended, by: byWhom(ended.by, directory) },
      mayResume: person !== null && ended === null && pauses.mayPause(actor(person), scope),
      left: pauses.progressOf(id)?.left ?? null,
    };
  };
  const isAbout = (scope: HouseScope, about: { readonly gate: string; readonly pipeline: string } | null): boolean => {
    if (scope.kind === 'everything') return true;
    if (about === null) return false;
    return scope.kind === 'gate' ? scope.gate === about.gate : scope.pipeline === about.pipeline;
  };

  return {
    inForce: (about) =>
      pauses
        .list(false)
        .filter(({ scope }) => isAbout(scope, about))
        .reverse()
        .map((pause) => shown(pause, null)),
    view(person) {
      const { gates, pipelines, pauseClocks } = config();
      const scopes: readonly HouseScope[] = [
        { kind: 'everything' },
        ...[...gates.keys()].map((gate) => ({ kind: 'gate', gate }) as const),
        ...pipelines.map(({ name: pipeline }) => ({ kind: 'pipeline', pipeline }) as const),
      ];
      const all = pauses.list(true);
      return {
        inForce: all.filter(({ ended }) => ended === null).map((pause) => shown(pause, person)),
        ended: all
          .filter(({ ended }) => ended !== null)
          .slice(0, LATELY)
          .map((pause) => shown(pause, person)),
        mayPause: scopes.filter(
          (scope) => pauses.inForceFor(scope).length === 0 && pauses.mayPause(actor(person), scope),
        ),
        clocks: pauseClocks,
      };
    },
    pause: (person, { scope, reason, clocks }) =>
      unlessAway(async () => {
        if (reason !== null && reason.length > TEXT.reason) return tooLong;
        const ordered = await pauses.pause({ scope, by: actor(person), reason, ...(clocks && { clocks }) });
        switch (ordered.kind) {
          case 'paused':
            return {
              kind: 'done',
              words: `${whatOf(scope)} is paused: ${requests(ordered.affected)} and what is opened there from now on. ${clocksWords[ordered.pause.clocks]}.`,
            };
          case 'alreadyPaused':
            return refused(`${whatOf(scope)} is paused already.`);
          case 'notAllowed':
            return refused(`You may not pause ${thatOf(scope)}.`);
          case 'unknown':
            return refused(`${whatOf(scope)} is not in the config any more.`);
          case 'tooMany':
            return refused('So many pauses are in force that no more can be kept apart. Please resume some first.');
        }
      }),
    resume: (person, id, reason) =>
      unlessAway(async () => {
        if (reason !== null && reason.length > TEXT.reason) return tooLong;
        const ordered = await pauses.resume({ id, by: actor(person), reason });
        if (ordered.kind === 'unknown') return { kind: 'notFound' };
        if (ordered.kind === 'notAllowed') return refused('You may not let this go on.');
        return { kind: 'done', words: `${whatOf(ordered.pause.scope)} goes on: ${requests(ordered.affected)}.` };
      }),
  };
}

const refused = (words: string): PauseResult => ({ kind: 'refused', words });
const tooLong = refused(`A reason may have at most ${TEXT.reason} characters.`);

function requests(affected: number | null): string {
  if (affected === null) return 'all its pending requests';
  return `${affected} pending request${affected === 1 ? '' : 's'}`;
}

async function unlessAway(run: () => Promise<PauseResult>): Promise<PauseResult> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof StoreUnavailableError) return { kind: 'unavailable' };
    throw error;
  }
}
