/**
 * src/bot/chat/people.ts: which person of the directory a platform's user is. By the ids that the config names and by
 * nothing else: no display name, no email, no user name ever makes anybody somebody.
 */
import type { PlatformUser } from '../../adapters/chat.ts';
import type { PersonId } from '../../engine/definition.ts';
import type { Directory } from '../../engine/directory.ts';
import { normaliseEmail } from '../config/index.ts';

export type ChatKind = 'slack' | 'teams';

/** What the platforms' ids look like. A slash in one would let it pass for a full id. */
const ID = {
  slack: { scope: /^[A-Z0-9]+$/, id: /^[UW][A-Z0-9]+$/ },
  teams: { scope: /^[0-9a-z-]+$/, id: /^[0-9a-z-]+$/ },
} as const satisfies Record<ChatKind, object>;

/** Only ASCII letters lose their case, as in the config: a Kelvin sign is not a k. */
const asWritten = (kind: ChatKind, id: string): string =>
  kind === 'slack' ? id : id.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/**
 * The full id (`T…/U…`, tenant/object id) byte for byte; in the home workspace or tenant the id alone as well.
 * Null: a stranger, a guest, somebody of another workspace.
 */
export function personOf(
  kind: ChatKind,
  user: PlatformUser,
  isHome: boolean,
  directory: Pick<Directory, 'people'>,
): PersonId | null {
  const [scope, id] = [asWritten(kind, user.scope), asWritten(kind, user.id)];
  if (!ID[kind].id.test(id)) return null;
  const byAddress = addressesOf(directory.people)[kind];
  const inFull = ID[kind].scope.test(scope) ? byAddress.get(`${scope}/${id}`) : undefined;
  return inFull ?? (isHome ? byAddress.get(id) : undefined) ?? null;
}

type Addresses = Readonly<Record<ChatKind, ReadonlyMap<string, PersonId>>>;

/** A platform's group may have thousands of members, and the directory more people: each directory is gone through once. */
const gathered = new WeakMap<Directory['people'], Addresses>();

function addressesOf(people: Directory['people']): Addresses {
  const known = gathered.get(people);
  if (known !== undefined) return known;
  const of = (kind: ChatKind) =>
    new Map([...people.values()].flatMap(({ id, [kind]: address }) => (address === null ? [] : [[address, id]])));
  const addresses = { slack: of('slack'), teams: of('teams') };
  gathered.set(people, addresses);
  return addresses;
}

export const addressOf = (kind: ChatKind, person: PersonId, { people }: Pick<Directory, 'people'>): string | null =>
  people.get(person)?.[kind] ?? null;

export const nameOf = (person: PersonId, { people }: Pick<Directory, 'people'>): string =>
  people.get(person)?.name ?? person;

/**
 * Whom somebody means in a command: a name of the directory (`ben`, `@ben`), a reference (`slack:T…/U…`,
 * `email:ben@acme.dev`) or an address. This says who is to be asked, never who is asking.
 * @param home the workspace or tenant that ids without one belong to
 */
export function personMeant(text: string, directory: Directory, home: string | null): PersonId | null {
  const word = text.startsWith('@') ? text.slice(1) : text;
  const known = [...directory.people.keys()];
  if (directory.people.has(word)) return word;
  const alike = known.filter((id) => id.toLowerCase() === word.toLowerCase());
  if (alike.length > 0) return alike.length === 1 ? (alike[0] ?? null) : null;
  const reference = /^(slack|teams):(?:([^/]+)\/)?([^/]+)$/.exec(word);
  if (reference !== null) {
    const [, platform, scope, id = ''] = reference;
    const user = { scope: scope ?? home ?? '', id };
    return personOf(platform === 'teams' ? 'teams' : 'slack', user, scope === undefined || scope === home, directory);
  }
  const email = word.includes('@') ? normaliseEmail(word.replace(/^email:/, '')) : null;
  if (email === null) return null;
  for (const person of directory.people.values()) if (person.email === email) return person.id;
  return null;
}
