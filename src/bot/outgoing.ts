/**
 * src/bot/outgoing.ts: what the events of one commit send out into the world: surfaces where the request is shown,
 * notices to people, the callback, the gate's actions. Pure: the same events give the same deliveries, ids included.
 */
import type { Notice } from '../adapters/channel.ts';
import type { Instant, PersonId } from '../engine/definition.ts';
import type { Directory, Person } from '../engine/directory.ts';
import { view } from '../engine/present.ts';
import type { Closed, Event, RequestState } from '../engine/request.ts';
import { openStage } from '../engine/timers.ts';
import type { NewDelivery } from '../store/port.ts';
import type { ActionPayload, CallbackPayload, NoticePayload, SurfacePayload } from './dispatch/payload.ts';
import { TEXT } from './limits.ts';
import { shortened } from './shortened.ts';

export interface Routes {
  /** The config's channels. */
  readonly channels: ReadonlyMap<string, { readonly kind: string; readonly id: string }>;
  /** The kinds that this process can reach: a channel of another kind gets nothing. */
  readonly reachable: ReadonlySet<string>;
  readonly directory: Directory;
}

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
        mail.tellOfDeadLetter(event.channel);
        break;
      case 'closed':
        mail.end();
        break;
      default: // the others change what surfaces show, and send nothing of their own
        break;
    }
  }
  return mail.deliveries;
}

class Outbox {
  readonly deliveries: NewDelivery[];
  readonly #state: RequestState;
  readonly #routes: Routes;
  readonly #now: Instant;

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
    for (const { kind, id } of this.#gateChannels()) {
      const payload: SurfacePayload = { to: { kind: 'channel', id }, viewer: null };
      this.#add('surface', kind, `${kind}:${id}`, { ...payload });
    }
  }

  notifyChannels(kind: Notice['kind'], sentence: string): void {
    for (const channel of this.#gateChannels()) {
      const to = { kind: 'channel', id: channel.id } as const;
      const payload: NoticePayload = { to, viewer: null, notice: noticeOf(kind, sentence) };
      this.#add('notice', channel.kind, `${channel.kind}:${channel.id}`, { ...payload, notice: { ...payload.notice } });
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
      const payload: NoticePayload = { to, viewer: address.person, notice: noticeOf(kind, sentence) };
      this.#add('notice', address.kind, `${address.kind}:${address.id}`, { ...payload, notice: { ...payload.notice } });
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

  /** The places that the gate notifies and that this process can reach. */
  #gateChannels(): readonly { readonly kind: string; readonly id: string }[] {
    return [...new Set(this.#state.gate.notify)].flatMap((name) => {
      const channel = this.#routes.channels.get(name);
      return channel !== undefined && this.#routes.reachable.has(channel.kind) ? [channel] : [];
    });
  }

  #addresses(people: readonly PersonId[]): { readonly kind: string; readonly id: string; readonly person: PersonId }[] {
    const { directory, reachable } = this.#routes;
    return people.flatMap((id) => {
      const person = directory.people.get(id);
      return person === undefined ? [] : ownAddresses(person).filter(({ kind }) => reachable.has(kind));
    });
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

const noticeOf = (kind: Notice['kind'], sentence: string): Notice => ({
  kind,
  sentence: shortened(sentence.replace(HIDDEN, ''), TEXT.sentence),
});

function ownAddresses({ id: person, slack, teams, email }: Person): { kind: string; id: string; person: PersonId }[] {
  return [
    { kind: 'slack', id: slack },
    { kind: 'teams', id: teams },
    { kind: 'email', id: email },
  ].flatMap(({ kind, id }) => (id === null ? [] : [{ kind, id, person }]));
}
