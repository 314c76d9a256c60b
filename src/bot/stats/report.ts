/**
 * src/bot/stats/report.ts: the figures as they are told: per gate and per person, week by week and in all. The shapes
 * here are those of `GET /v1/stats`.
 */
import type { Instant, PersonId } from '../../engine/definition.ts';
import { ROWS, WEEKS } from './limits.ts';
import type { Progress, Projection } from './projection.ts';
import { countIn, quantile, type Spread } from './spread.ts';
import {
  Adding,
  GATE_COUNTS,
  type GateCount,
  type GateTally,
  PERSON_COUNTS,
  type PersonCount,
  type PersonTally,
  type Wanted,
} from './tally.ts';
import { ordinalAt, type Week, weekOf } from './week.ts';

/** How long something took; both read from buckets, at most 5 % off. null where nothing was measured. */
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
    /** Ended without being judged: no SLA, or nobody was to decide. */
    readonly without: number;
    /** met / (met + breached), 0 to 1; null where none was judged. */
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
  readonly missed: number;
  readonly quick: number;
  readonly timeToVote: Times;
}

export interface Row<Figures> {
  readonly name: string;
  readonly total: Figures;
  /** Those in which something was counted, oldest first. */
  readonly weeks: readonly { readonly week: Week; readonly figures: Figures }[];
}

export interface Report {
  readonly from: Week;
  readonly to: Week;
  readonly progress: Progress;
  /** By name. */
  readonly gates: readonly Row<GateFigures>[];
  readonly people: readonly Row<PersonFigures>[];
  /** Requests whose trail could not be read, and gates or people beyond the bounds of a week. */
  readonly unread: number;
  readonly leftOut: number;
}

/** Ordinals of weeks, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Figures {
  /** The newest week that anything can have been counted in. */
  thisWeek(): number;
  /** Weeks beyond those kept are empty. @throws TooManyRowsError */
  report(range: Range, wanted: Wanted): Promise<Report>;
  /** What is known of a person this week and so on: `report` for them alone. */
  ofPerson(range: Range, person: PersonId): Promise<PersonFigures>;
}

/** More rows than one answer holds: ask for fewer weeks, or for one gate or person. Nothing was changed. */
export class TooManyRowsError extends Error {
  constructor() {
    super(`The answer would have more than ${ROWS} rows.`);
    this.name = 'TooManyRowsError';
  }
}

export const EVERY_GATE: Wanted = { gate: () => true, person: () => false };

export function createFigures(projection: Pick<Projection, 'week' | 'progress'>, clock: () => Instant): Figures {
  const thisWeek = (): number => ordinalAt(clock());

  async function report({ from, to }: Range, wanted: Wanted): Promise<Report> {
    const gates = new Gathering<GateCount, GateFigures>(GATE_COUNTS, gateFigures);
    const people = new Gathering<PersonCount, PersonFigures>(PERSON_COUNTS, personFigures);
    let [unread, leftOut, rows] = [0, 0, 0];
    const oldest = Math.max(from, thisWeek() - WEEKS + 1);
    for (let ordinal = oldest; ordinal <= to; ordinal++) {
      const week = weekOf(ordinal);
      const tally = await projection.week(week, wanted);
      if (tally === null) continue;
      unread += tally.unread;
      leftOut += tally.leftOut;
      rows += tally.gates.size + tally.people.size;
      if (rows > ROWS) throw new TooManyRowsError();
      for (const [name, own] of tally.gates) gates.add(name, week, own);
      for (const [id, own] of tally.people) people.add(id, week, own);
      await new Promise<void>((resolve) => setImmediate(resolve)); // a year of a large house takes a while to read
    }
    return {
      from: weekOf(from),
      to: weekOf(to),
      progress: projection.progress(),
      gates: gates.rows(),
      people: people.rows(),
      unread,
      leftOut,
    };
  }

  return {
    thisWeek,
    report,
    async ofPerson(range, person) {
      const { people } = await report(range, { gate: () => false, person: (id) => id === person });
      return people[0]?.total ?? personFigures(new Adding());
    },
  };
}

class Gathering<Name extends string, Told> {
  private readonly totals = new Map<string, Adding<Name>>();
  private readonly weeks = new Map<string, { readonly week: Week; readonly figures: Told }[]>();
  private readonly names: readonly Name[];
  private readonly told: (tally: Adding<Name>) => Told;

  constructor(names: readonly Name[], told: (tally: Adding<Name>) => Told) {
    this.names = names;
    this.told = told;
  }

  add(name: string, week: Week, tally: Adding<Name>): void {
    this.totals.set(name, (this.totals.get(name) ?? new Adding<Name>()).add(tally, this.names));
    const weeks = this.weeks.get(name) ?? [];
    weeks.push({ week, figures: this.told(tally) });
    this.weeks.set(name, weeks);
  }

  rows(): readonly Row<Told>[] {
    return [...this.totals]
      .map(([name, total]) => ({ name, total: this.told(total), weeks: this.weeks.get(name) ?? [] }))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }
}

function timesOf(spread: Spread): Times {
  const seconds = (share: number): number | null => {
    const ms = quantile(spread, share);
    // Three digits say all that is known.
    return ms === null ? null : Number((ms / 1000).toPrecision(3));
  };
  return { count: countIn(spread), medianSeconds: seconds(0.5), p90Seconds: seconds(0.9) };
}

function gateFigures({ counts, times }: GateTally): GateFigures {
  const of = (name: GateCount): number => counts[name] ?? 0;
  const [met, breached] = [of('sla.met'), of('sla.breached')];
  return {
    opened: of('opened'),
    outcomes: {
      approved: {
        votes: of('approved.votes'),
        timeout: of('approved.timeout'),
        auto: of('approved.auto'),
        bypass: of('approved.bypass'),
      },
      rejected: { votes: of('rejected.votes'), timeout: of('rejected.timeout') },
      cancelled: {
        cancelled: of('cancelled.cancelled'),
        superseded: of('cancelled.superseded'),
        orphaned: of('cancelled.orphaned'),
      },
    },
    bypasses: of('approved.bypass'),
    timeouts: of('approved.timeout') + of('rejected.timeout'),
    sla: {
      met,
      warned: of('sla.warned'),
      breached,
      without: of('sla.without'),
      compliance: met + breached === 0 ? null : Number((met / (met + breached)).toFixed(4)),
    },
    timeToDecision: timesOf(times),
    reminders: of('reminders'),
    escalations: of('escalations'),
    pauses: of('pauses'),
  };
}

function personFigures({ counts, times }: PersonTally): PersonFigures {
  const of = (name: PersonCount): number => counts[name] ?? 0;
  return {
    asked: of('asked'),
    votes: of('votes'),
    onBehalf: of('onBehalf'),
    missed: of('missed'),
    quick: of('quick'),
    timeToVote: timesOf(times),
  };
}
