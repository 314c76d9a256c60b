/**
 * src/bot/stats/trail.ts: what a request that has ended adds to the figures, from its events alone: who was asked and
 * when, who answered, whether its SLA was kept. Pure: the same trail gives the same figures whenever it is read.
 */
import { missingApprovers } from '../../engine/asked.ts';
import type { Instant, PersonId } from '../../engine/definition.ts';
import { evolve } from '../../engine/evolve.ts';
import type { Event, Outcome, Pending, RequestState } from '../../engine/request.ts';
import { openStage, slaTargetAt } from '../../engine/timers.ts';
import { QUICK_MS } from './limits.ts';
import { Adding, type Contribution, GATE_COUNTS, type GateCount, type PersonCount } from './tally.ts';

/** After these, nobody is asked who was not asked before. */
const QUIET: ReadonlySet<Event['type']> = new Set([
  'voted',
  'voteChanged',
  'beat',
  'nudged',
  'commented',
  'informationRequested',
  'informationReturned',
  'snoozed',
  'paused',
  'resumed',
  'reminded',
  'undelivered',
  'expressionFailed',
  'held',
  'released',
  'closed',
]);

/** An opening counts in the week it happened in; everything else of a request in the week in which it ended. */
export function openedAt(gate: string): Contribution {
  const tally = new Adding<GateCount>();
  tally.count('opened');
  return { gate, tally, people: new Map() };
}

/** Of a trail too long to be walked through: how it ended, and whether a breach was recorded. */
export function endedOnly({ gate, slaBreached }: RequestState, outcome: Outcome): Contribution {
  const tally = new Adding<GateCount>();
  countEnding(tally, outcome);
  tally.count(slaBreached ? 'sla.breached' : 'sla.without');
  return { gate: gate.name, tally, people: new Map() };
}

/**
 * @param events from `opened` to `closed`, without what came after
 * @throws where they are no trail of a request that has ended
 */
export function ended(events: readonly Event[]): Contribution {
  const walk = new Walk();
  for (const event of events) walk.step(event);
  return walk.contribution();
}

interface Asking {
  readonly at: Instant;
  /** How long the request had stood still by then. */
  readonly stood: number;
  hasVoted: boolean;
}

class Walk {
  private state: RequestState | null = null;
  /** Stage → person → when they were asked first. */
  private readonly askings: Map<PersonId, Asking>[] = [];
  private readonly people = new Map<PersonId, Adding<PersonCount>>();
  private readonly tally = new Adding<GateCount>();
  private standsSince: Instant | null = null;
  private stood = 0;
  private openedAt: Instant = 0;
  /** When the votes led to a decision that a freeze holds back. */
  private held: { readonly at: Instant; readonly stood: number } | null = null;

  step(event: Event): void {
    const before = this.state;
    if (event.type === 'closed') this.close(before, event.outcome, event.at);
    const next = evolve(before, event);
    this.state = next;
    if (next.status !== 'pending') return;
    this.keepTime(next, event.at);
    switch (event.type) {
      case 'opened':
        this.openedAt = event.at;
        this.tally.count('pauses', event.pauses?.length ?? 0);
        break;
      case 'voted':
      case 'voteChanged':
        this.vote(event);
        break;
      case 'held':
        this.held = { at: event.at, stood: this.stoodBy(event.at) };
        break;
      case 'released':
        this.held = null;
        break;
      case 'reminded':
        if (event.people.length > 0) this.tally.count('reminders');
        break;
      case 'escalated':
        if (event.people.length > 0) this.tally.count('escalations');
        break;
      case 'paused':
        this.tally.count('pauses');
        break;
    }
    if (!QUIET.has(event.type)) this.ask(next, event.at);
  }

  contribution(): Contribution {
    if (this.state === null || this.state.status === 'pending') throw new Error('the trail does not end');
    return { gate: this.state.gate.name, tally: this.tally, people: this.people };
  }

  /** While a request is paused nobody can vote: that time is nobody's. */
  private keepTime({ paused }: Pending, at: Instant): void {
    if (paused !== null) this.standsSince ??= at;
    else if (this.standsSince !== null) {
      this.stood += Math.max(0, at - this.standsSince);
      this.standsSince = null;
    }
  }

  private stoodBy(at: Instant): number {
    return this.stood + (this.standsSince === null ? 0 : Math.max(0, at - this.standsSince));
  }

  private ask(state: Pending, at: Instant): void {
    const open = openStage(state);
    if (open === null) return;
    const asked = this.askedIn(open.index);
    for (const person of missingApprovers(state)) {
      if (asked.has(person)) continue;
      asked.set(person, { at, stood: this.stoodBy(at), hasVoted: false });
      this.of(person).count('asked');
    }
  }

  private vote({ at, vote }: Extract<Event, { readonly type: 'voted' | 'voteChanged' }>): void {
    const asked = this.askedIn(vote.stage);
    let asking = asked.get(vote.person);
    if (asking?.hasVoted === true) return; // changed, or cast again: it was answered before
    const own = this.of(vote.person);
    own.count('votes');
    if (vote.onBehalfOf !== null) own.count('onBehalf');
    if (asking === undefined) {
      asking = { at, stood: this.stoodBy(at), hasVoted: true };
      asked.set(vote.person, asking);
      own.count('asked');
    }
    asking.hasVoted = true;
    // Whoever joined with their vote was never waited for.
    if (at <= asking.at) return;
    const waited = Math.max(0, at - asking.at - (this.stoodBy(at) - asking.stood));
    own.time(waited);
    if (waited < QUICK_MS && vote.pipeline === null) own.count('quick');
  }

  private close(before: RequestState | null, outcome: Outcome, at: Instant): void {
    if (before === null || before.status !== 'pending') throw new Error('a request that is not open can’t end');
    countEnding(this.tally, outcome);
    const decided = this.held ?? { at, stood: this.stoodBy(at) };
    if (outcome.cause === 'votes') this.tally.time(Math.max(0, decided.at - this.openedAt - decided.stood));
    const sla = slaResult(before, outcome, decided.at);
    this.tally.count(`sla.${sla}`);
    if (sla === 'met' && before.slaWarned) this.tally.count('sla.warned');
    const open = openStage(before);
    if (outcome.cause !== 'timeout' || open === null) return;
    const asked = this.askedIn(open.index);
    for (const person of missingApprovers(before))
      if (asked.get(person)?.hasVoted === false) this.of(person).count('missed');
  }

  private askedIn(stage: number): Map<PersonId, Asking> {
    const known = this.askings[stage];
    if (known !== undefined) return known;
    const fresh = new Map<PersonId, Asking>();
    this.askings[stage] = fresh;
    return fresh;
  }

  private of(person: PersonId): Adding<PersonCount> {
    const known = this.people.get(person);
    if (known !== undefined) return known;
    const fresh = new Adding<PersonCount>();
    this.people.set(person, fresh);
    return fresh;
  }
}

/**
 * Judged by the time itself, not by whether a tick has noticed. Silence never keeps an SLA, however short the timeout;
 * what people did not decide (an automatic approval, a bypass, a cancellation) counts only if it was late already.
 */
function slaResult(before: Pending, { cause }: Outcome, decidedAt: Instant): 'met' | 'breached' | 'without' {
  if (before.gate.sla === null || cause === 'auto') return 'without';
  const target = slaTargetAt(before);
  if (before.slaBreached || cause === 'timeout') return 'breached';
  if (cause !== 'votes') return 'without';
  return target !== null && decidedAt >= target ? 'breached' : 'met';
}

function countEnding(tally: Adding<GateCount>, { status, cause }: Outcome): void {
  const name = GATE_COUNTS.find((known) => known === `${status}.${cause}`);
  if (name !== undefined) tally.count(name);
}
