/** src/bot/chat/opening.ts: `open GATE TITLE`: a person asks for an approval by themselves, without a pipeline. */
import type { ChatReply } from '../../adapters/chat.ts';
import { words } from '../../engine/refusal.ts';
import { CHAT_PIPELINE, nearest } from '../config/index.ts';
import { newRequestId } from '../ids.ts';
import { TEXT } from '../limits.ts';
import { contentOf, plainlyAsked } from '../open.ts';
import { shortened } from '../shortened.ts';
import { firstOf, unquoted } from './line.ts';
import { gateMeant } from './many.ts';
import { type Asking, seen, text, usage } from './speaking.ts';

export async function open(asking: Asking, rest: string): Promise<ChatReply> {
  const { kind, handler, person, config } = asking;
  const [word, wanted] = firstOf(rest);
  const title = unquoted(wanted);
  if (word === '' || title === '') return usage(kind, 'open');
  if (title.length > TEXT.title) return text(`A title may have at most ${TEXT.title} characters. Nothing was opened.`);
  const name = gateMeant(asking, word);
  const gate = name === null ? undefined : config().gates.get(name);
  if (gate === undefined) {
    const meant = nearest(word, config().gates.keys());
    const hint = meant === null ? '' : ` Did you mean “${meant}”?`;
    return text(`There is no gate “${shortened(word, 64)}”.${hint} Nothing was opened.`);
  }
  const asked = plainlyAsked({ title, requester: person, context: {} });
  const { content, text: contentText } = contentOf(newRequestId(), CHAT_PIPELINE, gate, asked);
  const opened = await handler.open({ type: 'open', content, gate }, null, contentText);
  if (opened.kind !== 'decided') throw new Error('An opening without an idempotency key was taken for a replay.');
  if (opened.answer.kind === 'refused') {
    const why = opened.answer.errors.map(({ message }) => ` ${message}.`).join('');
    return text(`${words[opened.answer.refusal]}${why} Nothing was opened.`);
  }
  return { kind: 'request', view: seen(asking, opened.answer.state) };
}
