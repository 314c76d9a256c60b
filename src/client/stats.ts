/** src/client/stats.ts: the figures of gates and people, and the check that an answer has them. */
import { UnexpectedAnswerError } from './errors.ts';

/** Which figures, of which ISO weeks (`2026-W47`, in UTC). Four weeks up to now when nothing is said. */
export interface StatsFilter {
  readonly gate?: string;
  /** Needs `may: [stats]`. */
  readonly person?: string;
  readonly from?: string;
  readonly to?: string;
}

/** How long something took; both are at most 5 % off. null where nothing was measured. */
export interface Times {
  readonly count: number;
  readonly medianSeconds: number | null;
  readonly p90Seconds: number | null;
}

export interface GateFigures {
  readonly opened: number;
  readonly outcomes: {
    readonly approved: Readonly<Record<'votes' | 'timeout' | 'auto' | 'bypass', number>>;
    readonly rejected: Readonly<Record<'votes' | 'timeout', number>>;
    readonly cancelled: Readonly<Record<'cancelled' | 'superseded' | 'orphaned', number>>;
  };
  readonly bypasses: number;
  readonly timeouts: number;
  readonly sla: {
    readonly met: number;
    /** Of those met: how many after their warning. */
    readonly warned: number;
    readonly breached: number;
    readonly without: number;
    /** 0 to 1; null where none was judged. */
    readonly compliance: number | null;
  };
  readonly timeToDecision: Times;
  readonly reminders: number;
  readonly escalations: number;
  readonly pauses: number;
}

export interface PersonFigures {
  readonly asked: number;
  readonly votes: number;
  readonly onBehalf: number;
  /** Still asked when a request ended by its timeout. */
  readonly missed: number;
  /** Votes within five seconds of being asked. */
  readonly quick: number;
  readonly timeToVote: Times;
}

export interface Stats {
  readonly from: string;
  readonly to: string;
  /** When the newest event that is counted happened; null: nothing is yet. */
  readonly upTo: string | null;
  /** false while a long log is still being counted. */
  readonly complete: boolean;
  /** Requests whose trail could not be read, and gates and people beyond what a week may hold. */
  readonly unread: number;
  readonly leftOut: number;
  readonly gates: readonly {
    readonly gate: string;
    readonly total: GateFigures;
    readonly weeks: readonly ({ readonly week: string } & GateFigures)[];
  }[];
  /** null where the token may not see them. */
  readonly people:
    | readonly {
        readonly person: string;
        readonly total: PersonFigures;
        readonly weeks: readonly ({ readonly week: string } & PersonFigures)[];
      }[]
    | null;
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isListOf = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem);

const isTimes = (value: unknown): boolean =>
  isFields(value) &&
  typeof value.count === 'number' &&
  [value.medianSeconds, value.p90Seconds].every((seconds) => seconds === null || typeof seconds === 'number');

const areNumbers = (values: readonly unknown[]): boolean => values.every((value) => typeof value === 'number');

const isGateFigures = (value: unknown): boolean =>
  isFields(value) &&
  areNumbers([value.opened, value.bypasses, value.timeouts, value.reminders, value.escalations, value.pauses]) &&
  isFields(value.outcomes) &&
  isFields(value.outcomes.approved) &&
  isFields(value.outcomes.rejected) &&
  isFields(value.outcomes.cancelled) &&
  isFields(value.sla) &&
  areNumbers([value.sla.met, value.sla.warned, value.sla.breached, value.sla.without]) &&
  (value.sla.compliance === null || typeof value.sla.compliance === 'number') &&
  isTimes(value.timeToDecision);

const isPersonFigures = (value: unknown): boolean =>
  isFields(value) &&
  areNumbers([value.asked, value.votes, value.onBehalf, value.missed, value.quick]) &&
  isTimes(value.timeToVote);

const isRow = (value: unknown, name: 'gate' | 'person', isTold: (figures: unknown) => boolean): boolean =>
  isFields(value) &&
  typeof value[name] === 'string' &&
  isTold(value.total) &&
  isListOf(value.weeks, (week) => isFields(week) && typeof week.week === 'string' && isTold(week));

const isStats = (value: unknown): value is Stats =>
  isFields(value) &&
  typeof value.from === 'string' &&
  typeof value.to === 'string' &&
  (value.upTo === null || typeof value.upTo === 'string') &&
  typeof value.complete === 'boolean' &&
  areNumbers([value.unread, value.leftOut]) &&
  isListOf(value.gates, (row) => isRow(row, 'gate', isGateFigures)) &&
  (value.people === null || isListOf(value.people, (row) => isRow(row, 'person', isPersonFigures)));

export function statsFrom(body: unknown): Stats {
  if (isStats(body)) return body;
  throw new UnexpectedAnswerError('The answer has no figures.');
}
