/**
 * src/bot/rehearsal/timeline.ts: the moments of a play as entries of a timeline, each with the messages that it brings.
 * The sentences are those of the thread under a channel's message; what a thread is not told is said here.
 */
import type { SimulatedEntry, SimulatedStep, SimulatedTell } from '../../adapters/simulation.ts';
import { missingApprovers } from '../../engine/asked.ts';
import type { PersonId } from '../../engine/definition.ts';
import { view } from '../../engine/present.ts';
import { words } from '../../engine/refusal.ts';
import type { Event, RequestState } from '../../engine/request.ts';
import { openStage } from '../../engine/timers.ts';
import type { NewDelivery } from '../../store/port.ts';
import { ActionPayload, CallbackPayload, NoticePayload, SurfacePayload } from '../dispatch/payload.ts';
import { isAsking, whyUseless } from '../dispatch/stale.ts';
import { historyOf } from '../history.ts';
import type { Routes } from '../outgoing.ts';
import type { Moment } from './play.ts';
import { personIn } from './stages.ts';
import { timeOf } from './time.ts';
import type { RehearsedVote } from './votes.ts';

/** What the events are called here; the others are notes. */
const STEPS: Partial<Record<Event['type'], SimulatedStep>> = {
  voted: 'vote',
  voteChanged: 'vote',
  stagePassed: 'stagePassed',
  stageOpened: 'stageOpened',
  approversChanged: 'approversChanged',
  reminded: 'reminder',
  escalated: 'escalation',
  slaWarned: 'slaWarning',
  slaBreached: 'slaBreach',
  held: 'held',
  released: 'released',
};

type Draft = Omit<SimulatedEntry, 'tells' | 'at'> & { readonly tells: SimulatedTell[] };

/** @param votes whose they were: the acts of the play, by index */
export function timelineOf(
  moments: readonly Moment[],
  routes: Routes,
  votes: readonly RehearsedVote[] = [],
): readonly SimulatedEntry[] {
  const dropped = droppedOf(moments);
  return moments.flatMap((moment) => {
    const drafts = draftsOf(moment, routes, votes);
    for (const delivery of moment.deliveries.filter(({ id }) => !dropped.has(id))) {
      const tell = tellOf(delivery, moment.state, routes);
      homeOf(tell, drafts)?.tells.push(tell);
    }
    return drafts.map((draft) => ({ at: timeOf(moment.at), ...draft }));
  });
}

/**
 * What quiet hours keep back is dropped where it says nothing new in the end, as the dispatcher drops it: the request is
 * decided by then, or something newer waits for the same person.
 */
function droppedOf(moments: readonly Moment[]): ReadonlySet<string> {
  const dropped = new Set<string>();
  /** By place and time of arrival: the newest that asks so far. */
  const newest = new Map<string, string>();
  for (const { at, deliveries } of moments)
    for (const { id, kind, target, dueAt, payload } of deliveries) {
      if (kind !== 'notice' || dueAt <= at) continue;
      const notice = NoticePayload.parse(payload);
      if (!isAsking(notice)) continue;
      const then = moments.findLast((moment) => moment.at <= dueAt)?.state ?? null;
      if (then !== null && whyUseless(notice, then) !== null) dropped.add(id);
      const arrival = `${target} ${dueAt}`;
      const older = newest.get(arrival);
      if (older !== undefined) dropped.add(older);
      newest.set(arrival, id);
    }
  return dropped;
}

function draftsOf(moment: Moment, routes: Routes, votes: readonly RehearsedVote[]): readonly Draft[] {
  const { state, refusal, by, events } = moment;
  const person = personIn(routes.directory);
  if (refusal !== null) {
    const voter = typeof by === 'number' ? votes[by] : undefined;
    if (voter === undefined) return []; // it never opened, which is said elsewhere
    const sentence = `The vote of ${person(voter.person).name} is refused: ${words[refusal]}`;
    return [{ what: 'refused', sentence, people: [person(voter.person)], tells: [] }];
  }
  return state === null ? [] : events.flatMap((event) => entriesOf(event, state, routes));
}

function entriesOf(event: Event, state: RequestState, routes: Routes): readonly Draft[] {
  const person = personIn(routes.directory);
  const entry = (what: SimulatedStep, sentence: string, people: readonly PersonId[] = []): Draft => ({
    what,
    sentence,
    people: people.map(person),
    tells: [],
  });
  const told = (): string | null => {
    const shown = view(state, { kind: 'everyone' }, routes.directory);
    return historyOf([event], state, shown, (id) => person(id).name, '').lines[0] ?? null;
  };
  switch (event.type) {
    case 'opened': {
      const first = entry('opened', `Opens: “${event.content.title}”`);
      return state.status === 'pending' ? [first, ...askedNow(state, entry)] : [first];
    }
    case 'stageOpened':
      return [entry('stageOpened', told() ?? ''), ...askedNow(state, entry)];
    case 'voted':
    case 'voteChanged':
      return [entry('vote', told() ?? '', [event.vote.person])];
    case 'reminded':
    case 'escalated':
      return event.people.length === 0 && event.type === 'reminded'
        ? []
        : [entry(STEPS[event.type] ?? 'note', told() ?? '', event.people)];
    case 'slaWarned':
    case 'slaBreached':
      return [entry(STEPS[event.type] ?? 'note', told() ?? 'It has missed its target time', missingApprovers(state))];
    case 'approversChanged':
      return [
        entry('approversChanged', `Who may decide changes: ${namesOf(event.approvers, person)}`, event.approvers),
      ];
    case 'released':
      return [entry('released', 'The approval is held no longer: the votes do not carry it any more')];
    case 'expressionFailed':
      return [entry('note', `${event.where} fails (${event.error}): ${consequence(event.where)}`)];
    case 'closed':
      return [entry(endingOf(event), told() ?? '')];
    default: {
      const sentence = told();
      return sentence === null ? [] : [entry(STEPS[event.type] ?? 'note', sentence)];
    }
  }
}

function askedNow(
  state: RequestState,
  entry: (what: SimulatedStep, sentence: string, people: readonly PersonId[]) => Draft,
): readonly Draft[] {
  const open = openStage(state);
  const people = missingApprovers(state);
  if (open === null || people.length === 0) return [];
  const wanted = open.stage.rules.reduce((sum, rule) => sum + rule.needed, 0);
  const stage = state.stages.length > 1 ? `${open.stage.name}: ` : '';
  const many = people.length === 1 ? 'one person is' : `${people.length} people are`;
  return [entry('asked', `${stage}${many} asked for ${wanted === 1 ? 'one approval' : `${wanted} approvals`}`, people)];
}

function endingOf({ outcome }: Extract<Event, { type: 'closed' }>): SimulatedStep {
  if (outcome.cause === 'auto') return 'autoApproved';
  return outcome.cause === 'timeout' ? 'expired' : outcome.status;
}

const consequence = (where: string): string =>
  where === 'autoApproveIf' ? 'it is not approved by itself' : 'the stage applies';

const namesOf = (people: readonly PersonId[], person: ReturnType<typeof personIn>): string =>
  people.length === 0 ? 'nobody' : people.map((id) => person(id).name).join(', ');

/** The entry that brought a message: the one of its kind, or the first of the moment. */
function homeOf({ kind, channel, person }: SimulatedTell, drafts: readonly Draft[]): Draft | undefined {
  const has = (what: SimulatedStep) => drafts.findLast((draft) => draft.what === what);
  const closing = drafts.findLast(({ what }) =>
    ['autoApproved', 'expired', 'approved', 'rejected', 'cancelled'].includes(what),
  );
  const home = (): Draft | undefined => {
    switch (kind) {
      case 'surface': {
        if (channel !== null) return has('opened');
        const asks = drafts.filter(({ what }) => ['asked', 'escalation', 'slaBreach', 'note'].includes(what));
        return asks.findLast(({ people }) => people.some(({ id }) => id === person?.id)) ?? asks.at(-1);
      }
      case 'reminder':
      case 'escalation':
      case 'slaWarning':
      case 'slaBreach':
        return has(kind);
      case 'standIn':
        return has('asked') ?? has('escalation');
      case 'outcome':
      case 'bypass':
      case 'callback':
      case 'action':
        return closing;
      default:
        return undefined;
    }
  };
  return home() ?? drafts[0];
}

function tellOf(delivery: NewDelivery, state: RequestState | null, routes: Routes): SimulatedTell {
  const { kind, channel: via, payload, dueAt } = delivery;
  const base = { via, channel: null, person: null, at: timeOf(dueAt) };
  const named = (id: PersonId | null) => (id === null ? null : personIn(routes.directory)(id));
  switch (kind) {
    case 'surface': {
      const { to, viewer } = SurfacePayload.parse(payload);
      return {
        ...base,
        kind,
        channel: channelName(via, to.id, routes),
        person: named(viewer),
        sentence: 'the request',
      };
    }
    case 'notice': {
      const { to, viewer, notice } = NoticePayload.parse(payload);
      const channel = viewer === null ? channelName(via, to.id, routes) : null;
      return { ...base, kind: notice.kind, channel, person: named(viewer), sentence: notice.sentence };
    }
    case 'callback': {
      const { url, type } = CallbackPayload.parse(payload);
      return { ...base, kind, sentence: `${type} to ${new URL(url).origin}` };
    }
    case 'action': {
      const { index } = ActionPayload.parse(payload);
      const action = state === null || state.status === 'pending' ? undefined : state.gate.actions[state.status][index];
      // The address may carry a secret; its host may not.
      const host = action === undefined ? '' : new URL(action.url.replace(/[$?#].*$/, '')).origin;
      return { ...base, kind, sentence: `${action?.method ?? 'a call'} ${host}`.trim() };
    }
  }
}

/** As the config calls it; null for what goes to a person. */
function channelName(kind: string, id: string, { channels }: Routes): string | null {
  for (const [name, channel] of channels) if (channel.kind === kind && channel.id === id) return name;
  return null;
}
