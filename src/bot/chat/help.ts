/** src/bot/chat/help.ts: the commands of a chat, how each is written and what it does. */
import type { ChatReply } from '../../adapters/chat.ts';
import { nearest } from '../config/index.ts';
import type { ChatKind } from './people.ts';

const HELP = {
  '': { usage: '', does: 'shows what waits for you' },
  all: { usage: 'all [WORDS]', does: 'shows everything pending that you have a part in' },
  show: { usage: 'show ID', does: 'shows a request with its buttons' },
  open: { usage: 'open GATE TITLE', does: 'asks for an approval in your name' },
  approve: { usage: 'approve ID [REASON]', does: 'approves' },
  reject: { usage: 'reject ID REASON', does: 'rejects' },
  vote: { usage: 'vote ID OPTION [REASON]', does: 'chooses one of the options where a gate has its own' },
  cancel: { usage: 'cancel ID [REASON]', does: 'takes back what you asked for' },
  nudge: { usage: 'nudge ID', does: 'asks those who are missing again, about what you asked for' },
  delegate: {
    usage: 'delegate PERSON [until WHEN]',
    does: 'hands what waits for you now to somebody else, and until then what comes as well',
  },
  away: {
    usage: 'away [from WHEN] until WHEN [to PERSON]',
    does: 'says that you are away, and who is asked instead; alone it shows how you stand',
  },
  back: { usage: 'back', does: 'ends your absence, or takes back the next one you announced' },
  pause: {
    usage: 'pause GATE|pipeline NAME|everything [clocks:run] [REASON]',
    does: 'pauses a gate: nobody decides or is reminded there until it goes on; everything needs a reason',
  },
  resume: { usage: 'resume GATE|pipeline NAME|everything', does: 'lets it go on' },
  pauses: { usage: 'pauses', does: 'shows what is paused, by whom and why' },
  history: { usage: 'history [WORDS]', does: 'shows what was decided lately' },
  stats: { usage: 'stats [GATE]', does: 'shows figures of what you have a part in, or of one gate' },
  help: { usage: 'help', does: 'shows this' },
} as const satisfies Readonly<Record<string, { readonly usage: string; readonly does: string }>>;

export type Verb = keyof typeof HELP;

const isVerb = (word: string): word is Verb => Object.hasOwn(HELP, word);
/** What people write as well. */
const ALIASES: Readonly<Record<string, Verb>> = { list: '', pending: '', mine: '', recent: 'history', '?': 'help' };

/** null: there is no such command. */
export function verbOf(word: string): Verb | null {
  const lower = word.toLowerCase();
  if (isVerb(lower)) return lower;
  return Object.hasOwn(ALIASES, lower) ? (ALIASES[lower] ?? null) : null;
}

/** How commands begin on the platform. */
export const callOf = (kind: ChatKind): string => (kind === 'slack' ? '/gates' : 'gates');

export const usageOf = (kind: ChatKind, verb: Verb): string => `${callOf(kind)} ${HELP[verb].usage}`.trim();

export function help(kind: ChatKind): ChatReply {
  return {
    kind: 'help',
    commands: Object.values(HELP).map(({ usage, does }) => ({ usage: `${callOf(kind)} ${usage}`.trim(), does })),
  };
}

/** For a word that is no command, with what was probably meant. */
export function unknownVerb(kind: ChatKind, word: string): ChatReply {
  const short = word.length > 30 ? `${word.slice(0, 29).toWellFormed()}…` : word;
  const meant = word.length > 30 ? null : nearest(word, Object.keys(HELP).filter(Boolean));
  const usage = meant === null || !isVerb(meant) ? '' : ` Did you mean “${usageOf(kind, meant)}”?`;
  return {
    kind: 'text',
    text: `There is no command “${short}”.${usage} “${callOf(kind)} help” lists them all.`,
  };
}
