/** src/bot/rehearsal/pauses.ts: what a pause of the house means for a rehearsal. */
import type { HousePause } from '../pauses/house-pause.ts';

/** A pause has no end that could be foreseen, so what comes is shown without it, and these lines say so. */
export function pauseNotes(pauses: readonly HousePause[], gate: string, pipeline: string): readonly string[] {
  return pauses.flatMap(({ scope, reason }) => {
    const isMeant =
      scope.kind === 'everything' || (scope.kind === 'gate' ? scope.gate === gate : scope.pipeline === pipeline);
    const what = scope.kind === 'everything' ? 'Everything' : `The ${scope.kind}`;
    const why = reason === null ? '' : ` (${reason})`;
    return isMeant
      ? [`${what} is paused now${why}: a request waits, and the times below move, until it is resumed.`]
      : [];
  });
}
