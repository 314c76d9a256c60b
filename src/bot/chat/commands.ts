/**
 * src/bot/chat/commands.ts: one line of `/gates` (Slack) or `gates` (Teams), carried out for a person. It sees and does
 * what the person may see and do, and no more; the answer is for their eyes alone.
 */
import type { ChatReply, ListName } from '../../adapters/chat.ts';
import type { PersonId } from '../../engine/definition.ts';
import { StoreUnavailableError } from '../../store/port.ts';
import { away, comeBack } from './away.ts';
import { stats } from './figures.ts';
import { help, unknownVerb, usageOf, type Verb, verbOf } from './help.ts';
import { LINE_LENGTH, LOOKED_AT } from './limits.ts';
import { cleaned, firstOf } from './line.ts';
import { listFor } from './lists.ts';
import { delegateAll } from './many.ts';
import { open } from './opening.ts';
import { pause, pauses, resume } from './pausing.ts';
import { type Asking, type CommandParts, looking, seen, text, usage, withRequest } from './speaking.ts';
import { cancel, decideAs, nudge, UNAVAILABLE, voteFor } from './voting.ts';

/** Never rejects for a store that is away. */
export function interpreter(parts: CommandParts): (person: PersonId, line: string) => Promise<ChatReply> {
  return async (person, line) => {
    if (!parts.directory().people.has(person))
      return text('You are not in the directory here, so there is nothing to show you.');
    if (line.length > LINE_LENGTH) return text(`That is too long: a command has at most ${LINE_LENGTH} characters.`);
    const [word, rest] = firstOf(cleaned(line));
    const verb = verbOf(word);
    if (verb === null) return unknownVerb(parts.kind, word);
    try {
      return await run({ ...parts, person }, verb, rest);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      return text(
        error.isOutcomeUnknown
          ? 'The connection broke: please look whether it was recorded before you try again.'
          : UNAVAILABLE,
      );
    }
  };
}

async function run(asking: Asking, verb: Verb, rest: string): Promise<ChatReply> {
  switch (verb) {
    case '':
      return listOf(asking, 'waiting');
    case 'all':
      return rest === '' ? listOf(asking, 'all') : filtered(asking, 'all', rest);
    case 'history':
      return rest === '' ? listOf(asking, 'recent') : filtered(asking, 'recent', rest);
    case 'show': {
      const [id] = firstOf(rest);
      if (id === '') return usage(asking.kind, verb);
      return withRequest(asking, id, async (state) => ({ kind: 'request', view: seen(asking, state) }));
    }
    case 'open':
      return open(asking, rest);
    case 'approve':
    case 'reject':
      return decideAs(asking, verb, rest);
    case 'vote':
      return voteFor(asking, rest);
    case 'cancel':
      return cancel(asking, rest);
    case 'nudge':
      return nudge(asking, rest);
    case 'delegate':
      return delegateAll(asking, rest);
    case 'away':
      return away(asking, rest);
    case 'back':
      return comeBack(asking);
    case 'pause':
      return pause(asking, rest);
    case 'resume':
      return resume(asking, rest);
    case 'pauses':
      return pauses(asking);
    case 'stats':
      return stats(asking, rest);
    case 'help':
      return help(asking.kind);
  }
}

const HEADINGS: Readonly<Record<ListName, { readonly heading: string; readonly empty: string }>> = {
  waiting: { heading: 'Waiting for you', empty: 'Nothing waits for you.' },
  asked: { heading: 'You asked for', empty: 'Nothing that you asked for is pending.' },
  recent: { heading: 'Decided lately', empty: 'Nothing that you have a part in was decided lately.' },
  all: { heading: 'Pending', empty: 'Nothing is pending that you have a part in.' },
};

/** The newest that fit. A further page would have forgotten the words, so there is none: more words narrow it down. */
async function filtered(asking: Asking, list: 'all' | 'recent', words: string): Promise<ChatReply> {
  const page = await listFor(looking(asking), list, undefined, words);
  const more = page.next === null ? '' : ' (the newest; more words narrow it down)';
  return {
    kind: 'list',
    list,
    heading: `${HEADINGS[list].heading}: ${words}${more}`,
    empty: `Nothing that you have a part in has “${words}” in its title or gate.`,
    page: { ...page, next: null },
  };
}

async function listOf(asking: Asking, list: ListName): Promise<ChatReply> {
  const page = await listFor(looking(asking), list);
  const { heading, empty } = HEADINGS[list];
  const hint = list === 'waiting' ? ` ${usageOf(asking.kind, 'all')} shows everything that you have a part in.` : '';
  // Nothing found is not nothing there, where the look ended before the oldest.
  const nothing = page.next === null ? `${empty}${hint}` : `None of the ${LOOKED_AT} newest requests is one of yours.`;
  return { kind: 'list', list, heading, empty: nothing, page };
}
