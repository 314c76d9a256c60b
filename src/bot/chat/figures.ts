/** src/bot/chat/figures.ts: `stats`: a few figures about what a person has a part in, from a bounded look. */
import type { ChatReply } from '../../adapters/chat.ts';
import type { RequestState } from '../../engine/request.ts';
import { withPart } from '../parts.ts';
import { LOOKED_AT } from './limits.ts';
import { type Asking, looking } from './speaking.ts';

const DAYS = 7;
const DAY_MS = 86_400_000;

export async function stats(asking: Asking): Promise<ChatReply> {
  const { store, person } = asking;
  const { today } = looking(asking);
  const look = { size: LOOKED_AT, most: LOOKED_AT };
  const since = today.now - DAYS * DAY_MS;
  const isRecent = (state: RequestState): boolean => state.status !== 'pending' && state.outcome.decidedAt >= since;
  const pending = await withPart(store, person, today, { filter: { status: 'pending' }, ...look });
  const waiting = await withPart(store, person, today, { filter: { status: 'pending', approver: person }, ...look });
  const decided = await withPart(store, person, today, { filter: {}, wanted: isRecent, ...look });
  const took = decided.requests.flatMap((state) =>
    state.status === 'approved' || state.status === 'rejected' ? [state.outcome.decidedAt - state.openedAt] : [],
  );
  const isCut = decided.next !== null;
  return {
    kind: 'facts',
    heading: 'What you have a part in',
    facts: [
      { label: 'Waiting for you', value: atLeast(waiting.requests.length, waiting.next !== null) },
      { label: 'Pending in all', value: atLeast(pending.requests.length, pending.next !== null) },
      { label: `Decided in the last ${DAYS} days`, value: atLeast(decided.requests.length, isCut) },
      { label: 'Median time to a decision', value: took.length === 0 ? '–' : span(median(took)) },
    ],
  };
}

const atLeast = (count: number, isCut: boolean): string => (isCut ? `${count} or more` : String(count));

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** "45 s", "12 min", "3 h 5 min", "2 d 4 h" */
function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return joined(hours, 'h', minutes % 60, 'min');
  return joined(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

const joined = (large: number, unit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;
