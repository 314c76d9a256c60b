/**
 * src/bot/history.ts: what the events of one commit say in the thread under a channel's surface, a line for each. Each
 * line begins with what we know; what people wrote comes last, in quotes and on one line, so that nobody can write a
 * line that looks like ours.
 */
import type { PersonId } from '../engine/definition.ts';
import type { Actor, Event, PauseScope, RequestState, Via, VoteFacts } from '../engine/request.ts';
import type { RequestView } from '../engine/view.ts';
import { TEXT } from './limits.ts';
import { shortened } from './shortened.ts';

export interface History {
  readonly lines: readonly string[];
  /** Whom it asks to do something, for platforms that can mention people. */
  readonly people: readonly PersonId[];
}

const VIA: Readonly<Record<Via, string>> = {
  slack: 'in Slack',
  teams: 'in Teams',
  email: 'by email',
  web: 'on the web page',
  cli: 'from the command line',
  api: 'through the API',
};
/** Names in one line; the others are counted. */
const NAMED = 10;

/**
 * @param state after the events
 * @param view the same state, as everybody sees it
 * @param kind of the channel that it is for: what failed in another kind is told there by a notice of its own
 */
export function historyOf(
  events: readonly Event[],
  state: RequestState,
  view: RequestView,
  name: (person: PersonId) => string,
  kind: string,
): History {
  const chronicle = new Chronicle(state, view, name, kind);
  const lines = events.flatMap((event) => chronicle.line(event) ?? []);
  return { lines, people: [...new Set(events.flatMap(asked))] };
}

function asked(event: Event): readonly PersonId[] {
  if (event.type === 'reminded' || event.type === 'escalated' || event.type === 'nudged') return event.people;
  if (event.type === 'approversChanged') return event.joined ?? [];
  return event.type === 'delegated' || event.type === 'reassigned' ? [event.to] : [];
}

class Chronicle {
  readonly #state: RequestState;
  readonly #view: RequestView;
  readonly #name: (person: PersonId) => string;
  readonly #kind: string;

  constructor(state: RequestState, view: RequestView, name: (person: PersonId) => string, kind: string) {
    this.#state = state;
    this.#view = view;
    this.#name = name;
    this.#kind = kind;
  }

  /** null: nothing that a thread should be told. */
  line(event: Event): string | null {
    switch (event.type) {
      case 'voted':
        return this.#vote(event.vote, 'decided');
      case 'voteChanged':
        return this.#vote(event.vote, 'changed their vote');
      case 'voteWithdrawn':
        return `${this.#name(event.person)} took their vote back ${VIA[event.via]}`;
      case 'voteDiscounted':
        return `The vote of ${this.#name(event.person)} counts no longer: they may not decide this any more`;
      case 'stagePassed':
        return this.#hasStages() ? `Stage “${this.#stage(event.stage)}” is passed` : null;
      case 'stageOpened':
        return `Stage “${this.#stage(event.stage)}” begins`;
      case 'commented':
        return `${this.#actor(event.by)} commented${quoted(event.text)}`;
      case 'informationRequested':
        return `${this.#name(event.by)} asks${quoted(event.question)}`;
      case 'informationReturned':
        return `${this.#actor(event.by)} answered${quoted(event.answer)}`;
      case 'reminded':
        return `Reminded: ${this.#names(event.people)}`;
      case 'escalated':
        if (event.people.length === 0) return `${escalatedWords(event)}, but there was nobody else who could be asked`;
        return event.mode === 'add'
          ? `${escalatedWords(event)}: ${this.#names(event.people)} may decide as well`
          : `${escalatedWords(event)}: ${this.#names(event.people)} decide instead`;
      case 'delegated':
        return `${this.#name(event.from)} handed their part to ${this.#name(event.to)}${quoted(event.reason)}`;
      case 'reassigned':
        return `${this.#actor(event.by)} handed the part of ${this.#name(event.from)} to ${this.#name(event.to)}${quoted(event.reason)}`;
      case 'paused':
        return `${this.#scope(event.scope, 'Paused', 'is paused')} by ${this.#actor(event.by)}${quoted(event.reason)}`;
      case 'resumed':
        return `${this.#scope(event.scope, 'Resumed', 'is resumed')} by ${this.#actor(event.by)}${this.#stillPaused()}`;
      case 'nudged':
        return `${this.#actor(event.by)} asks again: ${this.#names(event.people)}`;
      case 'approversChanged':
        return this.#joined(event);
      case 'slaWarned':
        return 'It will miss its target time soon';
      case 'slaBreached': // the channel is told by a notice of its own
        return null;
      case 'held':
        return this.#view.held?.sentence ?? null;
      case 'undelivered':
        return event.channel === this.#kind ? (this.#view.undelivered.at(-1)?.sentence ?? null) : null;
      case 'closed':
        return `${this.#view.outcome?.sentence ?? 'It has ended'}${this.#why()}`;
      case 'bypassReviewed':
        return `${this.#name(event.person)} has reviewed the bypass${quoted(event.note)}`;
      case 'opened': // the surface itself says it
      case 'released':
      case 'expressionFailed':
      case 'snoozed':
      case 'beat':
        return null;
    }
  }

  #vote(vote: VoteFacts, did: string): string {
    const label = this.#state.gate.options.find(({ id }) => id === vote.option)?.label ?? vote.option;
    const on = vote.onBehalfOf === null ? '' : ` for ${this.#name(vote.onBehalfOf)}`;
    const by = vote.pipeline === null ? '' : ` (pipeline ${vote.pipeline})`;
    return `${this.#name(vote.person)} ${did}${on}: ${label}, ${VIA[vote.via]}${by}${quoted(vote.reason)}`;
  }

  #scope(scope: PauseScope | undefined, alone: string, along: string): string {
    switch (scope?.kind) {
      case undefined:
        return alone;
      case 'gate':
        return `The gate ${this.#state.gate.name} ${along}`;
      case 'pipeline':
        return `The pipeline ${this.#state.content.pipeline} ${along}`;
      case 'everything':
        return `Everything ${along}`;
    }
  }

  #stillPaused(): string {
    return this.#view.paused === null ? '' : '; it stays paused all the same';
  }

  #joined({ stage, standsFor, joined = [] }: Extract<Event, { type: 'approversChanged' }>): string | null {
    if (joined.length === 0 || this.#state.stages[stage]?.state === 'waiting') return null;
    const standIns = joined.map((person) =>
      Object.hasOwn(standsFor, person) ? `${this.#name(person)} (for ${this.#name(standsFor[person] ?? '')})` : null,
    );
    const names = joined.map((person, i) => standIns[i] ?? this.#name(person));
    return `Asked as well now: ${listed(names)}`;
  }

  /** The reason of a decision by votes stands in the line of the vote. */
  #why(): string {
    if (this.#state.status === 'pending' || this.#state.outcome.cause === 'votes') return '';
    return quoted(this.#state.outcome.reason);
  }

  #actor(actor: Actor): string {
    return actor.kind === 'person' ? this.#name(actor.person) : `Pipeline ${actor.pipeline}`;
  }

  #names(people: readonly PersonId[]): string {
    return listed(people.map(this.#name));
  }

  #stage(index: number): string {
    return this.#state.stages[index]?.name ?? String(index + 1);
  }

  #hasStages(): boolean {
    return this.#state.stages.filter(({ state }) => state !== 'skipped').length > 1;
  }
}

function listed(names: readonly string[]): string {
  if (names.length > NAMED) return `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Which step of the gate's chain, or that it came with the missed target time. */
function escalatedWords({ step, steps, cause }: Extract<Event, { type: 'escalated' }>): string {
  if (cause === 'sla') return 'Escalated, for the target time is missed';
  return step === null || steps === undefined || steps < 2 ? 'Escalated' : `Escalated (step ${step + 1} of ${steps})`;
}

function quoted(text: string | null): string {
  if (text === null) return '';
  const line = text.replace(/[\s\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return line === '' ? '' : `: “${shortened(line, TEXT.quote)}”`;
}
