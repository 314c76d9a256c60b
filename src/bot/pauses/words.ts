/** src/bot/pauses/words.ts: how pauses are spoken of, in every channel alike. */
import type { PersonId } from '../../engine/definition.ts';
import type { Directory } from '../../engine/directory.ts';
import type { Actor } from '../../engine/request.ts';
import type { HouseScope, PauseClocks } from './house-pause.ts';

/** Begins a sentence: “The gate deploy is paused”. */
export function whatOf(scope: HouseScope): string {
  switch (scope.kind) {
    case 'gate':
      return `The gate ${scope.gate}`;
    case 'pipeline':
      return `The pipeline ${scope.pipeline}`;
    case 'everything':
      return 'Everything';
  }
}

/** Within a sentence. */
export const thatOf = (scope: HouseScope): string => whatOf(scope).replace(/^[TE]/, (letter) => letter.toLowerCase());

export const byWhom = (actor: Actor, { people }: Pick<Directory, 'people'>): string =>
  actor.kind === 'person' ? nameIn(people, actor.person) : `pipeline ${actor.pipeline}`;

const nameIn = (people: Directory['people'], person: PersonId): string => people.get(person)?.name ?? person;

export const clocksWords: Readonly<Record<PauseClocks, string>> = {
  stop: 'Deadlines and target times stand still meanwhile',
  run: 'Deadlines and target times run on meanwhile',
};
