/**
 * src/bot/outgoing.ts: what the events of one commit send out into the world: surfaces where the request is shown,
 * notices to people, the callback, the gate's actions. Pure: the same events give the same deliveries, ids included.
 */
import type { Notice } from '../adapters/channel.ts';
import type { Instant, PersonId } from '../engine/definition.ts';
import type { Directory } from '../engine/directory.ts';
import { view } from '../engine/present.ts';
import type { Closed, Event, RequestState } from '../engine/request.ts';
import { openStage } from '../engine/timers.ts';
import type { NewDelivery } from '../store/port.ts';
import type { ActionPayload, CallbackPayload, NoticePayload, SurfacePayload } from './dispatch/payload.ts';
import { historyOf } from './history.ts';
import { TEXT } from './limits.ts';
import { shortened } from './shortened.ts';

interface Place {
  readonly kind: string;
  readonly id: string;
}

export interface Routes {
  /** The config's channels. */
  readonly channels: ReadonlyMap<string, Place>;
  /** The kinds that this process can reach: a channel of another kind gets nothing. */
  readonly reachable: ReadonlySet<string>;
  /** Of these, the kinds whose messages can have others under them. */
  readonly threaded: ReadonlySet<string>;
  readonly directory: Directory;
}

/** The kinds of channels that reach a person by an address of their own. */
const PERSONAL = ['slack', 'teams', 'email'] as const;

/** Events that change nothing that a surface shows. */
const SILENT = new Set<Event['type']>(['beat', 'snoozed', 'expressionFailed']);

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
          `“${state.content.title}” was escalated to you: nobody has decided yet.`,
        );
        break;
      case 'slaWarned':
        mail.notify(mail.missing(), 'slaWarning', `“${state.content.title}” will miss its target time soon.`);
        break;
      case 'slaBreached':
        mail.notify(mail.missing(), 'slaBreach', `“${state.content.title}” has missed its target time.`);
        break;
      case 'delegated':
      case 'reassigned':
        mail.ask([event.to]);
        mail.notify([event.to], 'delegated', `“${state.content.title}” was handed to you by ${mail.name(event.from)}.`);
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

/** Channels that would get a surface if one of the request's is lost now; none once that has happened. */
export function fallbackLeft(state: RequestState, routes: Routes): boolean {
  return state.status === 'pending' && !hasFallenBack(state) && fallbackOf(state, routes).length > 0;
}

const hasFallenBack = ({ undelivered }: RequestState): boolean => undelivered.some(({ kind }) => kind === 'surface');

const placeName = ({ kind, id }: Place): string => `${kind}:${id}`;

/** The places of these names that this process can reach. */
function placesOf(names: readonly string[], { channels, reachable }: Routes): readonly Place[] {
  return [...new Set(names)].flatMap((name) => {
    const channel = channels.get(name);
    return channel !== undefined && reachable.has(channel.kind) ? [channel] : [];
  });
}

/** Those that have no surface from the beginning. */
function fallbackOf({ gate }: RequestState, routes: Routes): readonly Place[] {
  const first = new Set(placesOf(gate.notify, routes).map(placeName));
  return placesOf(gate.fallback ?? [], routes).filter((place) => !first.has(placeName(place)));
}

class Outbox {
  readonly deliveries: NewDelivery[];
  readonly #state: RequestState;
  readonly #routes: Routes;
  readonly #now: Instant;
  /** Places that get their message now. */
  readonly #begun = new Set<string>();

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

  missing(): readonly PersonId[] {
    const open = openStage(this.#state);
    const voted = new Set(this.#state.votes.filter((vote) => vote.stage === open?.index).map((vote) => vote.person));
    return [...new Set(open?.stage.rules.flatMap((rule) => rule.approvers) ?? [])].filter((id) => !voted.has(id));
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
    const places = this.#places().filter((place) => this.#routes.threaded.has(place.kind) && !isNew(place));
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
    for (const place of this.#places()) {
      const to = { kind: 'channel', id: place.id } as const;
      this.#notice(place.kind, { to, viewer: null, notice: noticeOf(kind, sentence) }, `${place.kind}:${place.id}`);
    }
  }

  /** A message of their own to everybody who is asked in the stage that is open. */
  askApprovers(): void {
    this.ask(this.missing());
  }

  ask(people: readonly PersonId[]): void {
    for (const { kind, id, person } of this.#addresses(people)) {
      const payload: SurfacePayload = { to: { kind: 'person', id }, viewer: person };
      this.#add('surface', kind, `${kind}:${id}`, { ...payload });
    }
  }

  notify(people: readonly PersonId[], kind: Notice['kind'], sentence: string): void {
    for (const address of this.#addresses(people)) {
      const to = { kind: 'person', id: address.id } as const;
      const payload = { to, viewer: address.person, notice: noticeOf(kind, sentence) };
      this.#notice(address.kind, payload, `${address.kind}:${address.id}`);
    }
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
      this.notify(this.missing(), 'bypass', `“${content.title}”: ${sentence}. Please review it.${why}`);
  }

  /** Where the request is shown to everybody. */
  #places(): readonly Place[] {
    const first = placesOf(this.#state.gate.notify, this.#routes);
    return hasFallenBack(this.#state) ? [...first, ...fallbackOf(this.#state, this.#routes)] : first;
  }

  #addresses(people: readonly PersonId[]): { readonly kind: string; readonly id: string; readonly person: PersonId }[] {
    const { directory, reachable } = this.#routes;
    const found: { kind: string; id: string; person: PersonId }[] = [];
    for (const person of people)
      for (const kind of PERSONAL) {
        const id = directory.people.get(person)?.[kind] ?? null;
        if (id !== null && reachable.has(kind)) found.push({ kind, id, person });
      }
    return found;
  }

  #notice(channel: string, payload: NoticePayload, target: string): void {
    this.#add('notice', channel, target, { ...payload, notice: { ...payload.notice } });
  }

  #add(kind: NewDelivery['kind'], channel: string, target: string, payload: NewDelivery['payload']): void {
    const { content, version } = this.#state;
    // The same commit decided again gives the same ids, and no two commits of a request end at the same version.
    const id = `dlv_${content.id.slice('req_'.length)}_${version}_${this.deliveries.length}`;
    this.deliveries.push({ id, request: content.id, kind, channel, target, payload, dueAt: this.#now });
  }
}

/** What hides or turns what follows around would make a notice say something else than the request's page shows. */
const HIDDEN = /(?![\t\n]|\ufe0e|\ufe0f)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const noticeOf = (kind: Notice['kind'], sentence: string, people: readonly PersonId[] = []): Notice => ({
  kind,
  sentence: shortened(sentence.replace(HIDDEN, ''), TEXT.sentence),
  ...(people.length > 0 && { people }),
});
