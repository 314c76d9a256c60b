/**
 * src/bot/outgoing.ts: what the events of one commit send out into the world: surfaces where the request is shown,
 * notices to people, the callback, the gate's actions. Pure: the same events give the same deliveries, ids included.
 */
import type { Notice } from '../adapters/channel.ts';
import { missingApprovers } from '../engine/asked.ts';
import { endOfHours } from '../engine/calendar.ts';
import type { Instant, PersonId } from '../engine/definition.ts';
import { view } from '../engine/present.ts';
import type { Actor, Closed, Event, RequestState } from '../engine/request.ts';
import { openStage } from '../engine/timers.ts';
import type { NewDelivery } from '../store/port.ts';
import type { ActionPayload, CallbackPayload, NoticePayload, SurfacePayload } from './dispatch/payload.ts';
import { historyOf } from './history.ts';
import { TEXT } from './limits.ts';
import { addressesOf, fallbackOf, type Place, placeName, placesOf, type Routes, shownAt } from './places.ts';
import { shortened } from './shortened.ts';
import { newlyStoodFor, stoodFor } from './standing-in.ts';

export { fallbackLeft, PERSONAL, type Routes } from './places.ts';

/** Marks the lane of notices that wait for somebody's quiet hours to end: what stands before the `#` is the place. */
export const QUIET_LANE = '#quiet';

/** Events that change nothing that a surface shows. */
const SILENT = new Set<Event['type']>(['beat', 'snoozed', 'nudged', 'expressionFailed']);

export const changesSurfaces = (events: readonly Event[]): boolean => events.some(({ type }) => !SILENT.has(type));

export function deliveriesOf(
  state: RequestState,
  events: readonly Event[],
  routes: Routes,
  now: Instant,
): NewDelivery[] {
  const mail = new Outbox(state, routes, now);
  for (const event of events) {
    switch (event.type) {
      case 'opened':
        if (state.status === 'pending') mail.toChannels();
        mail.askApprovers();
        break;
      case 'stageOpened':
        mail.askApprovers();
        break;
      case 'reminded':
        mail.notify(event.people, 'reminder', `Reminder: “${state.content.title}” is waiting for your decision.`);
        break;
      case 'escalated':
        mail.ask(event.people);
        mail.notify(
          event.people,
          'escalation',
          `“${state.content.title}” was escalated to you: ${event.cause === 'sla' ? 'it has missed its target time' : 'nobody has decided yet'}.`,
        );
        break;
      case 'nudged':
        mail.notify(
          event.people,
          'nudge',
          `${mail.actor(event.by)} asks again: “${state.content.title}” is waiting for your decision.`,
        );
        break;
      case 'slaWarned':
        mail.notify(
          missingApprovers(state),
          'slaWarning',
          `“${state.content.title}” is waiting for your decision, and will miss its target time soon.`,
        );
        break;
      case 'slaBreached':
        mail.tellOfBreach();
        break;
      case 'approversChanged':
        mail.askJoined(event.stage, event.joined ?? []);
        break;
      case 'delegated':
        mail.ask([event.to]);
        mail.notify([event.to], 'delegated', `“${state.content.title}” was handed to you by ${mail.name(event.from)}.`);
        break;
      case 'reassigned':
        mail.ask([event.to]);
        mail.tellOfHandingOver(event);
        break;
      case 'informationRequested':
        mail.notify(
          mail.requester(),
          'informationRequested',
          `${mail.name(event.by)} asks about “${state.content.title}”: ${event.question}`,
        );
        break;
      case 'informationReturned': {
        const askers = state.information.map((asked) => asked.by);
        mail.notify(
          [...new Set(askers)],
          'informationReturned',
          `Your question about “${state.content.title}” was answered: ${event.answer}`,
        );
        break;
      }
      case 'undelivered':
        if (event.kind === 'surface') mail.fallBack();
        mail.tellOfDeadLetter(event.channel);
        break;
      case 'closed':
        mail.end();
        break;
      default: // the others change what surfaces show, and send nothing of their own
        break;
    }
  }
  mail.tellHistory(events);
  return mail.deliveries;
}

class Outbox {
  readonly deliveries: NewDelivery[];
  readonly #state: RequestState;
  readonly #routes: Routes;
  readonly #now: Instant;
  /** Places that get their message now. */
  readonly #begun = new Set<string>();
  readonly #asked = new Set<PersonId>();

  constructor(state: RequestState, routes: Routes, now: Instant, deliveries: NewDelivery[] = []) {
    this.deliveries = deliveries;
    this.#state = state;
    this.#routes = routes;
    this.#now = now;
  }

  name(person: PersonId): string {
    return this.#routes.directory.people.get(person)?.name ?? person;
  }

  requester(): readonly PersonId[] {
    const { requester } = this.#state.content;
    return requester === null ? [] : [requester];
  }

  actor(actor: Actor): string {
    return actor.kind === 'person' ? this.name(actor.person) : `The pipeline ${actor.pipeline}`;
  }

  toChannels(): void {
    this.#show(placesOf(this.#state.gate.notify, this.#routes));
  }

  /** The first surface that is lost for good brings others elsewhere; the next one brings none. */
  fallBack(): void {
    const lost = this.#state.undelivered.filter(({ kind }) => kind === 'surface');
    if (this.#state.status === 'pending' && lost.length === 1) this.#show(fallbackOf(this.#state, this.#routes));
  }

  #show(places: readonly Place[]): void {
    for (const place of places) {
      const { kind, id } = place;
      this.#begun.add(placeName(place));
      const payload: SurfacePayload = { to: { kind: 'channel', id }, viewer: null };
      this.#add('surface', kind, `${kind}:${id}`, { ...payload });
    }
  }

  /**
   * One message under each channel's surface. It has a line of its own in the outbox, so that surfaces don't wait for
   * it; the pace of the channel is one and the same.
   */
  tellHistory(events: readonly Event[]): void {
    if (events[0]?.type === 'opened') return;
    // A message that this very commit brings shows everything itself.
    const isNew = (place: Place) => this.#begun.has(placeName(place));
    const places = shownAt(this.#state, this.#routes).filter(
      (place) => this.#routes.threaded.has(place.kind) && !isNew(place),
    );
    if (places.length === 0) return;
    const shown = view(this.#state, { kind: 'everyone' }, this.#routes.directory);
    for (const { kind, id } of places) {
      const { lines, people } = historyOf(events, this.#state, shown, (person) => this.name(person), kind);
      if (lines.length === 0) continue;
      const notice = noticeOf('history', lines.join('\n'), people);
      this.#notice(kind, { to: { kind: 'channel', id }, viewer: null, notice }, `${kind}:${id}#thread`);
    }
  }

  notifyChannels(kind: Notice['kind'], sentence: string): void {
    for (const place of shownAt(this.#state, this.#routes)) {
      const to = { kind: 'channel', id: place.id } as const;
      this.#notice(place.kind, { to, viewer: null, notice: noticeOf(kind, sentence) }, `${place.kind}:${place.id}`);
    }
  }

  /** A message of their own to everybody who is asked in the stage that is open. */
  askApprovers(): void {
    this.ask(missingApprovers(this.#state));
  }

  /** Who has come into the stage that is open since it was asked. Whoever decided in this very commit is not asked. */
  askJoined(stage: number, joined: readonly PersonId[]): void {
    if (this.#state.stages[stage]?.state !== 'open') return;
    const missing = missingApprovers(this.#state);
    this.ask(joined.filter((person) => missing.includes(person)));
  }

  /** A message of their own, once in a commit. Whoever is away is told who is asked in their place. */
  ask(people: readonly PersonId[]): void {
    const fresh = people.filter((person) => !this.#asked.has(person));
    for (const person of fresh) this.#asked.add(person);
    for (const { kind, id, person } of addressesOf(fresh, this.#routes)) {
      const payload: SurfacePayload = { to: { kind: 'person', id }, viewer: person };
      this.#add('surface', kind, `${kind}:${id}`, { ...payload });
    }
    if (this.#routes.reachable.size === 0) return;
    const told = `“${this.#state.content.title}” is asked of`;
    for (const [absent, standIn] of newlyStoodFor(this.#state, fresh))
      this.notify(
        [absent],
        'standIn',
        `${told} ${this.name(standIn)} in your place while you are away. You need not do anything.`,
      );
  }

  notify(people: readonly PersonId[], kind: Notice['kind'], sentence: string): void {
    for (const address of addressesOf(people, this.#routes)) {
      const to = { kind: 'person', id: address.id } as const;
      const payload = { to, viewer: address.person, notice: noticeOf(kind, sentence) };
      const dueAt = kind === 'bypass' ? this.#now : this.#whenAwake(address.person);
      // What waits for the morning has a line of its own: messages that come to them meanwhile don't wait behind it.
      const lane = dueAt > this.#now ? QUIET_LANE : '';
      this.#notice(address.kind, payload, `${address.kind}:${address.id}${lane}`, dueAt);
    }
  }

  /** Now, or when the person's quiet hours are over. */
  #whenAwake(person: PersonId): Instant {
    const { quietHours, timezone } = this.#routes.directory.people.get(person) ?? {};
    return quietHours === undefined ? this.#now : endOfHours(quietHours, timezone ?? 'UTC', this.#now);
  }

  /** Those who are missing, whoever asked, and everybody who looks at the gate's channels. */
  tellOfBreach(): void {
    const { progress } = view(this.#state, { kind: 'everyone' }, this.#routes.directory);
    const missed = `“${this.#state.content.title}” has missed its target time`;
    this.notify(missingApprovers(this.#state), 'slaBreach', `${missed}, and is waiting for your decision.`);
    const toOthers = progress === '' ? `${missed}.` : `${missed}: ${progress}.`;
    this.notify(this.requester(), 'slaBreach', toOthers);
    this.notifyChannels('slaBreach', toOthers);
  }

  /** To the one who has the part now, and to the one who has it no longer. */
  tellOfHandingOver({ by, from, to, reason }: Extract<Event, { type: 'reassigned' }>): void {
    const title = `“${this.#state.content.title}”`;
    const why = reason === null ? '' : ` Reason: ${reason}`;
    this.notify([to], 'delegated', `${title} was handed to you, from ${this.name(from)}, by ${this.actor(by)}.${why}`);
    if (by.kind === 'person' && by.person === from) return;
    const told = `${title} was handed from you to ${this.name(to)} by ${this.actor(by)}. You need not decide it any more.`;
    this.notify([from], 'delegated', `${told}${why}`);
  }

  /** To the requester and to the gate's channels, but not through the one that has just failed. */
  tellOfDeadLetter(failed: string): void {
    const sentence = view(this.#state, { kind: 'everyone' }, this.#routes.directory).undelivered.at(-1)?.sentence ?? '';
    const told = `“${this.#state.content.title}”: ${sentence}. Please look after it by hand.`;
    const others = {
      ...this.#routes,
      reachable: new Set([...this.#routes.reachable].filter((kind) => kind !== failed)),
    };
    const outbox = new Outbox(this.#state, others, this.#now, this.deliveries);
    outbox.notify(this.requester(), 'deadLetter', told);
    outbox.notifyChannels('deadLetter', told);
  }

  end(): void {
    const state = this.#state;
    if (state.status === 'pending') return;
    const { content, gate, outcome } = state;
    if (this.#routes.reachable.size > 0) this.#tellPeople(state);
    if (content.callback !== null) {
      const { url } = content.callback;
      const payload: CallbackPayload = { url, type: `request.${outcome.status}`, pipeline: content.pipeline };
      this.#add('callback', 'callback', `callback:${new URL(url).origin}`, { ...payload });
    }
    for (const [index, action] of gate.actions[outcome.status].entries()) {
      const payload: ActionPayload = { index };
      this.#add('action', 'http', `http:${new URL(action.url.replace(/[$?#].*$/, '')).origin}`, { ...payload });
    }
  }

  #tellPeople(state: Closed): void {
    const { content, outcome } = state;
    const sentence = view(state, { kind: 'everyone' }, this.#routes.directory).outcome?.sentence ?? '';
    const why = outcome.reason === null ? '' : ` Reason: ${outcome.reason}`;
    this.notify(this.requester(), 'outcome', `“${content.title}”: ${sentence}.${why}`);
    if (outcome.cause === 'bypass')
      this.notify(passedOver(state), 'bypass', `“${content.title}”: ${sentence}. Please review it.${why}`);
    const absent = stoodFor(state).filter((person) => person !== content.requester);
    this.notify(absent, 'outcome', `“${content.title}”, which was asked in your place: ${sentence}.${why}`);
  }

  #notice(channel: string, payload: NoticePayload, target: string, dueAt = this.#now): void {
    this.#add('notice', channel, target, { ...payload, notice: { ...payload.notice } }, dueAt);
  }

  #add(
    kind: NewDelivery['kind'],
    channel: string,
    target: string,
    payload: NewDelivery['payload'],
    dueAt = this.#now,
  ): void {
    const { content, version } = this.#state;
    // The same commit decided again gives the same ids, and no two commits of a request end at the same version.
    const id = `dlv_${content.id.slice('req_'.length)}_${version}_${this.deliveries.length}`;
    this.deliveries.push({ id, request: content.id, kind, channel, target, payload, dueAt });
  }
}

/** Approvers of the stage that a bypass ended, who had not voted. */
function passedOver(state: Closed): readonly PersonId[] {
  const open = openStage(state);
  const voted = new Set(state.votes.filter((vote) => vote.stage === open?.index).map((vote) => vote.person));
  return [...new Set(open?.stage.rules.flatMap((rule) => rule.approvers) ?? [])].filter((id) => !voted.has(id));
}

/** What hides or turns what follows around would make a notice say something else than the request's page shows. */
const HIDDEN = /(?![\t\n]|\ufe0e|\ufe0f)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const noticeOf = (kind: Notice['kind'], sentence: string, people: readonly PersonId[] = []): Notice => ({
  kind,
  sentence: shortened(sentence.replace(HIDDEN, ''), TEXT.sentence),
  ...(people.length > 0 && { people }),
});
