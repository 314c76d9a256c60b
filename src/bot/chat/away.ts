/** src/bot/chat/away.ts: `away` and `back`: who is asked while somebody is on holiday, said by themselves. */
import type { ChatReply } from '../../adapters/chat.ts';
import type { PersonId } from '../../engine/definition.ts';
import { announcedWords, returnedWords, whereaboutsFacts } from '../absence/words.ts';
import { suggestion } from '../config/index.ts';
import { shortened } from '../shortened.ts';
import { usageOf } from './help.ts';
import { unquoted } from './line.ts';
import { personMeant } from './people.ts';
import { type Asking, text, usage } from './speaking.ts';

/** `away [from WHEN] until WHEN [to @PERSON]`; alone it shows how the person stands. */
export async function away(asking: Asking, rest: string): Promise<ChatReply> {
  if (rest === '') return whereabouts(asking);
  const said = clausesOf(rest);
  if (said === null) return usage(asking.kind, 'away');
  const [whom, until] = split(asking, said);
  if (until === null) return usage(asking.kind, 'away');
  const to = whom === null ? null : personMeant(whom, asking.directory(), asking.home());
  if (whom !== null && to === null) return stranger(asking, whom, 'Nothing was changed.');
  return announce(asking, { from: said.from, until, delegate: to });
}

/** Everything that waits for the person, and what comes until then, goes to somebody else: an absence from now on. */
export async function announce(
  asking: Asking,
  wish: { readonly from: string | null; readonly until: string; readonly delegate: PersonId | null },
): Promise<ChatReply> {
  const { absences, person, kind, directory } = asking;
  const announced = await absences.announce(person, wish, kind);
  if (announced.kind === 'refused') return text(announced.words);
  const ending = ` “${usageOf(kind, 'back')}” ends it.`;
  const nobody = announced.outlook.every(({ who }) => who === null)
    ? ` To name somebody, write “${usageOf(kind, 'away')}”.`
    : '';
  return text(`${announcedWords(announced, directory())}${nobody}${ending}`);
}

export async function comeBack({ absences, person, kind }: Asking): Promise<ChatReply> {
  return text(returnedWords(await absences.comeBack(person, kind)));
}

async function whereabouts({ absences, person, kind, directory }: Asking): Promise<ChatReply> {
  return {
    kind: 'facts',
    heading: `Away (“${usageOf(kind, 'away')}”)`,
    facts: whereaboutsFacts(await absences.whereabouts(person), directory()),
  };
}

/** For a name that means nobody, with what was probably meant. */
export function stranger({ directory }: Asking, whom: string, consequence: string): ChatReply {
  const hint = suggestion(whom, directory().people.keys()).replace(/^, d/, ' D');
  return text(`Nobody in the directory is called “${shortened(whom, 64)}”.${hint} ${consequence}`);
}

interface Clauses {
  readonly from: string | null;
  readonly until: string | null;
  /** `to` may mean a person, or a moment: "from monday to friday to @ben". */
  readonly to: readonly string[];
}

/** null: something stands before the first of these words, or one of them twice. */
function clausesOf(line: string): Clauses | null {
  const [before, ...parts] = line.split(/(?:^|\s)(from|until|till|to)(?=\s)/i);
  if (before !== '') return null;
  const found = { from: [] as string[], until: [] as string[], to: [] as string[] };
  for (let i = 0; i < parts.length; i += 2) {
    const key = parts[i]?.toLowerCase();
    const value = unquoted((parts[i + 1] ?? '').trim());
    if (value === '') return null;
    found[key === 'from' || key === 'to' ? key : 'until'].push(value);
  }
  const { from, until, to } = found;
  if (from.length > 1 || until.length > 1 || to.length > 2) return null;
  return { from: from[0] ?? null, until: until[0] ?? null, to };
}

/** Whom, and until when. */
function split({ directory, home }: Asking, { until, to }: Clauses): readonly [string | null, string | null] {
  const [first, second] = to;
  if (until !== null) return second === undefined ? [first ?? null, until] : [null, null];
  if (first === undefined) return [null, null];
  if (second !== undefined) return [second, first];
  return personMeant(first, directory(), home()) === null ? [null, first] : [null, null];
}
