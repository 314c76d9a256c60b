/** src/bot/absence/web.ts: what the page of one's own absences asks of the process. */
import type { AwayPorts, AwayResult } from '../../adapters/web/away.ts';
import { localTime } from '../../engine/calendar.ts';
import type { Instant } from '../../engine/definition.ts';
import type { Directory } from '../../engine/directory.ts';
import { StoreUnavailableError } from '../../store/port.ts';
import type { Absences } from './absences.ts';
import { announcedWords, returnedWords, whereaboutsFacts } from './words.ts';

export interface AwayPortsParts {
  readonly absences: Pick<Absences, 'announce' | 'comeBack' | 'whereabouts'>;
  readonly directory: () => Directory;
  readonly clock: () => Instant;
}

export function awayPorts({ absences, directory, clock }: AwayPortsParts): AwayPorts {
  return {
    async view(person) {
      const whereabouts = await absences.whereabouts(person).catch(nullWhereUnavailable);
      if (whereabouts === null) return null;
      const { current, hasPlans, timezone } = whereabouts;
      return {
        facts: whereaboutsFacts(whereabouts, directory()),
        ending: current !== null ? 'back' : hasPlans ? 'takeBack' : null,
        timezone,
        today: localTime(timezone, clock()).date,
      };
    },
    announce: (person, wish) =>
      orUnavailable(async () => {
        const announced = await absences.announce(person, wish, 'web');
        return announced.kind === 'refused'
          ? announced
          : { kind: 'done', words: announcedWords(announced, directory()) };
      }),
    comeBack: (person) =>
      orUnavailable(async () => ({ kind: 'done', words: returnedWords(await absences.comeBack(person, 'web')) })),
  };
}

function nullWhereUnavailable(error: unknown): null {
  if (error instanceof StoreUnavailableError) return null;
  throw error;
}

async function orUnavailable(work: () => Promise<AwayResult>): Promise<AwayResult> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreUnavailableError) return { kind: 'unavailable' };
    throw error;
  }
}
