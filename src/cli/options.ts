/** src/cli/options.ts: values of options and arguments, as commander hands them over: text in, a value or a CommandError out. */
import { isRequestId } from '../client/index.ts';
import { CommandError } from './failure.ts';

/** An option that may be given several times. */
export const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

/** @throws CommandError when it is not a number of seconds above 0 */
export function secondsFrom(text: string): number {
  const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[/^\d+([smhd])$/.exec(text)?.[1] ?? 's'] ?? 1;
  const count = Number(/^(\d+)[smhd]?$/.exec(text)?.[1]);
  if (!(count > 0)) throw new CommandError(`Not a duration: ${text}`, 'Write 90s, 30m, 4h or 2d.');
  return count * unit;
}

/** @throws CommandError when it is not a whole number from 1 to 200 */
export function countFrom(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 200)
    throw new CommandError(`Not a number from 1 to 200: ${text}`);
  return count;
}

/** @throws CommandError when it is not a whole number from 1 to 53, the weeks that the bot keeps */
export function weeksFrom(text: string): number {
  const weeks = Number(text);
  if (!Number.isInteger(weeks) || weeks < 1 || weeks > 53)
    throw new CommandError(`Not a number of weeks from 1 to 53: ${text}`);
  return weeks;
}

/** The id as it is. @throws CommandError when it can be none */
export function requestId(text: string): string {
  if (!isRequestId(text))
    throw new CommandError(`Not the id of a request: ${text}`, 'Ids begin with req_. countersign list shows them.');
  return text;
}
