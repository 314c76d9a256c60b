/** src/bot/chat/voting.ts: approve, reject, vote and cancel, as typed. The engine decides; this finds the option and the words. */
import type { ActionResult } from '../../adapters/action.ts';
import type { ChatReply } from '../../adapters/chat.ts';
import type { OptionDefinition, Verdict } from '../../engine/definition.ts';
import { fieldsFor } from '../../engine/form.ts';
import type { RequestState } from '../../engine/request.ts';
import { nearest } from '../config/index.ts';
import { TEXT } from '../limits.ts';
import { actFor } from '../person-actions.ts';
import { callOf } from './help.ts';
import { firstOf, unquoted } from './line.ts';
import { type Asking, named, seen, text, usage, withRequest } from './speaking.ts';

/** `approve ID [REASON]`, `reject ID REASON`: the one option that leads there, else the choice is asked for. */
export function decideAs(asking: Asking, verb: 'approve' | 'reject', rest: string): Promise<ChatReply> | ChatReply {
  const [id, why] = firstOf(rest);
  const reason = unquoted(why);
  if (id === '' || (verb === 'reject' && reason === '')) return usage(asking.kind, verb);
  const outcome: Verdict = verb === 'approve' ? 'approved' : 'rejected';
  return withRequest(asking, id, (state) => {
    const options = state.gate.options.filter((option) => option.outcome === outcome);
    const [option] = options;
    if (option === undefined || options.length > 1) return whichOption(asking, state, options);
    return vote(asking, state, option, reason);
  });
}

/** `vote ID OPTION [REASON]` */
export function voteFor(asking: Asking, rest: string): Promise<ChatReply> | ChatReply {
  const [id, choice] = firstOf(rest);
  const [word, why] = firstOf(choice);
  if (id === '') return usage(asking.kind, 'vote');
  return withRequest(asking, id, (state) => {
    const { options } = state.gate;
    const wanted = word.toLowerCase();
    const option =
      options.find((known) => known.id === word) ?? options.find((known) => known.id.toLowerCase() === wanted);
    return option === undefined
      ? whichOption(asking, state, options, word)
      : vote(asking, state, option, unquoted(why));
  });
}

async function whichOption(
  { kind }: Asking,
  state: RequestState,
  options: readonly OptionDefinition[],
  word = '',
): Promise<ChatReply> {
  const known = options.map(({ id, label }) => (id === label ? id : `${id} (${label})`)).join(', ');
  const meant =
    word === ''
      ? null
      : nearest(
          word,
          options.map(({ id }) => id),
        );
  const hint = meant === null ? '' : ` Did you mean “${meant}”?`;
  const example = `${callOf(kind)} vote ${state.content.id} ${meant ?? options[0]?.id ?? 'OPTION'}`;
  return text(`${named(state)} can be decided in these ways: ${known}.${hint} Please say which, like this: ${example}`);
}

async function vote(asking: Asking, state: RequestState, option: OptionDefinition, why: string): Promise<ChatReply> {
  const { handler, kind, person } = asking;
  const { id } = state.content;
  const before = seen(asking, state);
  if (before.outcome !== null) return text(`${named(state)} has been decided already. ${before.outcome.sentence}.`);
  if (before.mustReview)
    return text(`This gate asks for a fresh sign-in. Please decide on the page of ${named(state)}: ${asking.link(id)}`);
  const asked = fieldsFor(state.gate, option.id, state.content).filter(({ required }) => required);
  if (before.notice === null && before.myVote === null && asked.length > 0) {
    const labels = asked.map(({ label }) => label).join(', ');
    return text(
      `${option.label} asks for more at this gate (${labels}). Please use the button at ${named(state)}, or its page: ${asking.link(id)}`,
    );
  }
  if (why.length > TEXT.reason)
    return text(`A reason may have at most ${TEXT.reason} characters. Nothing was recorded.`);
  if (before.myVote?.option === option.id)
    return text(`You have chosen ${option.label} for ${named(state)} already. ${standing(before)}`);
  const result = await actFor(
    handler,
    id,
    // `shown`: a line sent twice is one vote, even where the first has opened a stage that asks the same person again.
    {
      kind: 'vote',
      person,
      option: option.id,
      reason: why === '' ? null : why,
      inputs: {},
      replaces: null,
      shown: state.version,
    },
    kind,
  );
  return replyTo(asking, state, result, `You chose ${option.label} for ${named(state)}.`);
}

/** `cancel ID [REASON]` */
export function cancel(asking: Asking, rest: string): Promise<ChatReply> | ChatReply {
  const [id, why] = firstOf(rest);
  const reason = unquoted(why);
  if (id === '') return usage(asking.kind, 'cancel');
  if (reason.length > TEXT.reason)
    return text(`A reason may have at most ${TEXT.reason} characters. Nothing was done.`);
  return withRequest(asking, id, async (state) => {
    const { handler, kind, person } = asking;
    const { outcome, requester } = seen(asking, state);
    if (outcome !== null) return text(`${named(state)} has been decided already. ${outcome.sentence}.`);
    if (requester?.id !== person)
      return text(`Only ${requester?.name ?? 'the pipeline that asked'} can cancel ${named(state)}.`);
    const action = { kind: 'cancel', person, reason: reason === '' ? null : reason } as const;
    const result = await actFor(handler, state.content.id, action, kind);
    return result.kind === 'done' ? text(`You cancelled ${named(state)}.`) : replyTo(asking, state, result, '');
  });
}

/** `nudge ID` */
export function nudge(asking: Asking, rest: string): Promise<ChatReply> | ChatReply {
  const [id] = firstOf(rest);
  if (id === '') return usage(asking.kind, 'nudge');
  return withRequest(asking, id, async (state) => {
    const { handler, kind, person } = asking;
    const { outcome, requester } = seen(asking, state);
    if (outcome !== null) return text(`${named(state)} has been decided already. ${outcome.sentence}.`);
    if (requester?.id !== person)
      return text(`Only ${requester?.name ?? 'the pipeline that asked'} can ask again about ${named(state)}.`);
    const result = await actFor(handler, state.content.id, { kind: 'nudge', person }, kind);
    return replyTo(asking, state, result, `You asked again about ${named(state)}.`);
  });
}

/** What came of it, with how the request stands afterwards. */
async function replyTo(asking: Asking, state: RequestState, result: ActionResult, done: string): Promise<ChatReply> {
  const { id } = state.content;
  if (result.kind === 'unavailable') return text(UNAVAILABLE);
  if (result.kind === 'notFound') return text('There is no such request any more.');
  const now = await asking.store.load(id);
  const after = now === null ? null : seen(asking, now);
  if (result.kind === 'done') return text(`${done} ${after === null ? '' : standing(after)}`.trim());
  const outcome = after?.outcome == null ? '' : ` ${after.outcome.sentence}.`;
  const needsReason = result.errors.some(({ path }) => path === 'reason');
  const where = needsReason ? ' Please write it after the id.' : '';
  const more = result.errors.length > 0 || after?.myVote != null ? `${where} Its page: ${asking.link(id)}` : '';
  return text(`${named(state)}: ${result.words}${outcome}${more}`);
}

function standing({ outcome, held, progress }: ReturnType<typeof seen>): string {
  if (outcome !== null) return `${outcome.sentence}.`;
  if (held !== null) return `${held.sentence}.`;
  return progress === '' ? '' : `It has ${progress}.`;
}

export const UNAVAILABLE =
  'What is remembered can’t be reached right now, so nothing was recorded. Please try again in a moment.';
