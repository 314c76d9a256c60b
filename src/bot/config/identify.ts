/** src/bot/config/identify.ts: which person somebody else's list means, by what the config vouches for. */
import type { PersonId } from '../../engine/definition.ts';
import type { Directory, Person } from '../../engine/directory.ts';
import { normaliseEmail } from './email.ts';

type Addresses = ReadonlyMap<string, PersonId>;

/** Lists are long, and directories too: each directory's addresses are gathered once. */
const gathered = new WeakMap<ReadonlyMap<PersonId, Person>, Addresses>();

function addressesOf(people: ReadonlyMap<PersonId, Person>): Addresses {
  const known = gathered.get(people);
  if (known !== undefined) return known;
  const addresses = new Map<string, PersonId>();
  for (const { id, email, slack, teams } of people.values())
    for (const [kind, address] of Object.entries({ email, slack, teams }))
      if (address !== null) addresses.set(`${kind}:${address}`, id);
  gathered.set(people, addresses);
  return addresses;
}

/**
 * The person whom a name of the directory, an email address (`ana@acme.dev`, `email:…`) or a full reference
 * (`slack:T…/U…`, `teams:tenant/object-id`) means. Null: nobody; never by a display name.
 */
export function identify(text: string, { people }: Pick<Directory, 'people'>): PersonId | null {
  if (people.has(text)) return text;
  const addresses = addressesOf(people);
  const [, kind, id = ''] = /^(email|slack|teams):(.*)$/s.exec(text) ?? [];
  if (kind === 'slack') return addresses.get(text) ?? null;
  if (kind === 'teams') return addresses.get(`teams:${id.replace(/[A-Z]/g, (letter) => letter.toLowerCase())}`) ?? null;
  const email = normaliseEmail(kind === 'email' ? id : text);
  return email === null ? null : (addresses.get(`email:${email}`) ?? null);
}
