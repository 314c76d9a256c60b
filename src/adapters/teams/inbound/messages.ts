/**
 * src/adapters/teams/inbound/messages.ts: words to the bot, in its own chat or by mention. What a command answers is for
 * the one who asked: in a channel or a group chat they are answered in a chat of their own.
 */
import type { Card } from '../render/index.ts';
import { lowered, type Mention, type Message } from './activity.ts';
import { onSubmit } from './clicks.ts';
import { isMentioned, readLine } from './line.ts';
import type { At, Parts } from './parts.ts';
import { plain } from './plain.ts';
import { ELSEWHERE, FAILED, NOT_ELSEWHERE } from './words.ts';

/** Resolves when the command has run and the answer is given. Never rejects. */
export function onMessage(parts: Parts): (activity: Message, at: At) => Promise<void> {
  const { ports, identify, voice, once, log } = parts;
  const submit = onSubmit(parts);

  async function run(activity: Message, { tenant }: At, person: string): Promise<Card> {
    try {
      return voice.draw(await ports.command(person, await lineOf(parts, activity, tenant)));
    } catch (error) {
      log.error({ error: plain(error) }, 'a command failed');
      return voice.draw({ kind: 'text', text: FAILED });
    }
  }

  return async (activity, at) => {
    const { from, conversation, id, value } = activity;
    if (from.role === 'bot' || from.id.startsWith('28:')) return; // bots have nothing to say to each other here
    const hasWords = (activity.text ?? '').trim() !== '';
    if (!hasWords && typeof value === 'object' && value !== null) return submit(activity, at);
    if (!hasWords || !(conversation.conversationType === 'personal' || isMentioned(activity))) return;
    const caller = identify(activity, at.tenant);
    if (caller.kind === 'stranger') return say(parts, activity, at, voice.draw({ kind: 'text', text: caller.words }));
    // A command that is delivered again is not run again: it may open a request.
    const keys = id == null ? [] : [{ name: `said ${conversation.id} ${id}`, forMs: at.replayableMs }];
    const card = await once.do(
      keys,
      () => run(activity, at, caller.person),
      () => true,
    );
    if (card !== 'again') await say(parts, activity, at, card);
  };
}

async function say({ voice, log }: Parts, activity: Message, { tenant }: At, card: Card): Promise<void> {
  try {
    if (activity.conversation.conversationType === 'personal') return await voice.answer(activity, card);
    const text = await voice.answerAlone(activity, tenant, card).then(
      () => ELSEWHERE,
      (error) => {
        log.info({ error: plain(error) }, 'somebody could not be answered in a chat of their own');
        return NOT_ELSEWHERE;
      },
    );
    await voice.answer(activity, voice.draw({ kind: 'text', text }));
  } catch (error) {
    log.warn({ error: plain(error) }, 'an answer could not be given');
  }
}

/** The command, with people who are mentioned as the directory knows them; never by the name that is shown. */
async function lineOf({ ports, voice }: Parts, activity: Message, tenant: string): Promise<string> {
  const names = new Map<string, string>();
  const nameOf = async ({ id, aadObjectId }: Mention['mentioned']): Promise<string> => {
    const objectId = aadObjectId ?? (await voice.objectIdOf(activity, id));
    const person = objectId === null ? null : ports.personOf({ scope: tenant, id: lowered(objectId) }, true);
    return person ?? `teams:${id}`;
  };
  for (const { mentioned } of activity.entities)
    if (mentioned.id !== activity.recipient.id && !names.has(mentioned.id))
      names.set(mentioned.id, await nameOf(mentioned));
  return readLine(activity, ({ id }) => names.get(id) ?? `teams:${id}`);
}
