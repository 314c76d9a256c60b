/**
 * src/adapters/teams/inbound/clicks.ts: clicks on cards, as an invoke (Action.Execute) or, in clients that know none, as
 * a message (Action.Submit). Both come to the same; only the way of the answer differs.
 */
import { createHash } from 'node:crypto';
import { inTime } from '../../patience.ts';
import { type Card, readData } from '../render/index.ts';
import { withoutThread } from '../send/place.ts';
import { type Actor, type Answer, answerTo, type Clicked, cardOf } from './act.ts';
import { type Invoke, type Message, readCardAction } from './activity.ts';
import type { Caller } from './caller.ts';
import { SAME_CLICK_MS } from './limits.ts';
import type { Key } from './once.ts';
import type { At, Parts } from './parts.ts';
import { plain } from './plain.ts';
import { FAILED, NOT_READ, RECORDED, STILL_WORKING } from './words.ts';

/** https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#response-format */
export type InvokeBody =
  | { readonly statusCode: 200; readonly type: 'application/vnd.microsoft.card.adaptive'; readonly value: Card }
  /** Shown under the card, to the one who clicked; never empty, or the click is delivered again. */
  | { readonly statusCode: 200; readonly type: 'application/vnd.microsoft.activity.message'; readonly value: string }
  /** Shown in red under the card, to the one who clicked: 400 says why not, 500 that something failed here. */
  | {
      readonly statusCode: 400 | 500;
      readonly type: 'application/vnd.microsoft.error';
      readonly value: { readonly code: string; readonly message: string };
    };

const card = (value: Card): InvokeBody => ({
  statusCode: 200,
  type: 'application/vnd.microsoft.card.adaptive',
  value,
});
const message = (value: string): InvokeBody => ({
  statusCode: 200,
  type: 'application/vnd.microsoft.activity.message',
  value,
});
/** The policy says no. HTTP says 200 all the same, as nothing is shown otherwise. */
const refused = (words: string): InvokeBody => ({
  statusCode: 400,
  type: 'application/vnd.microsoft.error',
  value: { code: 'Refused', message: words },
});
/** Our own failure; HTTP says 200 all the same, as nothing is shown otherwise. */
export const failure = (words: string): InvokeBody => ({
  statusCode: 500,
  type: 'application/vnd.microsoft.error',
  value: { code: 'InternalError', message: words },
});

/** Answers an `adaptiveCard/action` in time, whatever happens. Never rejects. */
export function onExecute(parts: Parts): (activity: Invoke, at: At) => Promise<InvokeBody> {
  const { identify, log, patienceMs, afterwards } = parts;

  return async (activity, at) => {
    const action = readCardAction(activity.value);
    const clicked = action === null ? null : readData(action.action.data);
    if (clicked === null) return refused(NOT_READ);
    const caller = identify(activity, at.tenant);
    // A card that refreshes itself in front of somebody is no click: nothing red for just looking.
    const no = clicked.control.kind === 'view' ? message : refused;
    if (caller.kind === 'stranger') return no(caller.words);
    const actor = actorOf(activity, at, caller);
    const work = settle(parts, { activity, at, clicked, actor }).then(
      (answer) => (answer.kind === 'words' ? no(answer.words) : bodyOf(parts, answer, actor)),
      (error): InvokeBody => {
        log.error({ error: plain(error), control: clicked.control.kind }, 'a click failed');
        return failure(FAILED);
      },
    );
    const body = await inTime(work, patienceMs);
    if (body !== 'late') return body;
    log.warn({ person: actor.person, control: clicked.control.kind }, 'a click took longer than Teams waits');
    afterwards(work.then(() => undefined));
    return message(STILL_WORKING);
  };
}

/** A click that came as a message: the card in the conversation is brought up to date for everybody by its delivery. */
export function onSubmit(parts: Parts): (activity: Message, at: At) => Promise<void> {
  const { identify, voice, log } = parts;

  return async (activity, at) => {
    const tell = async (words: string): Promise<void> =>
      voice.answerAlone(activity, at.tenant, voice.draw({ kind: 'text', text: words })).catch((error) => {
        log.warn({ error: plain(error) }, 'an answer could not be given');
      });
    const clicked = readData(activity.value);
    if (clicked === null) return tell(NOT_READ);
    const caller = identify(activity, at.tenant);
    if (caller.kind === 'stranger') return tell(caller.words);
    const actor = actorOf(activity, at, caller);
    try {
      const answer = await settle(parts, { activity, at, clicked, actor });
      if (answer.kind === 'words') return tell(answer.words);
      if (answer.kind === 'done') return tell(RECORDED);
      await voice.answerAlone(activity, at.tenant, answer.card);
    } catch (error) {
      log.error({ error: plain(error), control: clicked.control.kind }, 'a click failed');
      return tell(FAILED);
    }
  };
}

interface Settling {
  readonly activity: Invoke | Message;
  readonly at: At;
  readonly clicked: Clicked;
  readonly actor: Actor;
}

/** Looks, or acts once: a click that is delivered again finds what the first one came to. */
async function settle(parts: Parts, { activity, at, clicked, actor }: Settling): Promise<Answer> {
  const { control } = clicked;
  if (control.kind === 'view' || control.kind === 'page') return answerTo(parts, clicked, actor);
  const answer = await parts.once.do(
    keysOf(activity, at, clicked, actor),
    () => answerTo(parts, clicked, actor),
    ({ kind }) => kind === 'done',
  );
  return answer === 'again' ? { kind: 'done', request: control.request, isCarried: null } : answer;
}

/** By its id, and by what it says: the service and some clients deliver again under another id. */
function keysOf(
  { id }: Invoke | Message,
  { replayableMs }: At,
  { control, inputs }: Clicked,
  actor: Actor,
): readonly Key[] {
  const { person, origin } = actor;
  const said = digest([person, origin.conversation, origin.activity, control, Object.entries(inputs).toSorted()]);
  const same = { name: `said ${said}`, forMs: SAME_CLICK_MS };
  return id == null ? [same] : [{ name: `sent ${digest([origin.conversation, id, said])}`, forMs: replayableMs }, same];
}

const digest = (parts: unknown): string => createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

async function bodyOf(parts: Parts, answer: Exclude<Answer, { kind: 'words' }>, actor: Actor): Promise<InvokeBody> {
  if (answer.kind === 'card') return card(answer.card);
  const newest = await cardOf(parts, answer.request, actor, answer.isCarried);
  return newest === null ? message(RECORDED) : card(newest);
}

type Person = Extract<Caller, { kind: 'person' }>;

function actorOf({ conversation, replyToId, from }: Invoke | Message, { tenant }: At, { person }: Person): Actor {
  return {
    person,
    account: from.id,
    // A card without a name carries nothing, so that no request counts as shown by it.
    origin: { tenant, conversation: withoutThread(conversation.id), activity: replyToId ?? '' },
    isAlone: conversation.conversationType === 'personal',
  };
}
