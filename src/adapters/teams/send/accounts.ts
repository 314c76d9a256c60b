/** src/adapters/teams/send/accounts.ts: the accounts behind people's names where a card is going. */
import type { PersonId } from '../../../engine/definition.ts';
import type { RequestView } from '../../../engine/view.ts';
import type { TeamsOptions } from '../options.ts';
import { type Mention, REFRESH_MOST } from '../render/index.ts';
import type { Place } from './place.ts';
import type { RosterMember, Rosters } from './roster.ts';

/** Who can be called, and for whom the card refreshes. */
export interface Accounts {
  mention(person: PersonId): Mention | null;
  /** `29:…`, at most 60; none where there would be more. */
  readonly refreshFor: readonly string[];
}

export interface AccountsParts {
  readonly options: Pick<TeamsOptions, 'tenantId'>;
  readonly rosters: Rosters;
  /** A person's Entra object id, or tenant/object id, as in the config; null: they have none. */
  addressOf(person: PersonId): string | null;
  nameOf(person: PersonId): string;
}

export const NOBODY: Accounts = { mention: () => null, refreshFor: [] };

/** Nobody is called in a conversation of two. Elsewhere only those who are there: Teams knows no others by that name. */
export async function accountsAt(
  place: Place,
  view: RequestView,
  { options, rosters, addressOf, nameOf }: AccountsParts,
): Promise<Accounts> {
  if (place.kind === 'person') return NOBODY;
  const members = await rosters.soon(place.id);
  if (members === null) return NOBODY;
  const there = new Map(members.flatMap((member) => (member.objectId === null ? [] : [[member.objectId, member]])));
  const accountOf = (person: PersonId): RosterMember | null => {
    const objectId = objectIdIn(addressOf(person), options);
    return objectId === null ? null : (there.get(objectId) ?? null);
  };
  const asked = peopleAsked(view).flatMap((person) => accountOf(person)?.mri ?? []);
  return {
    mention(person) {
      const account = accountOf(person);
      return account === null ? null : { id: account.mri, name: nameOf(person) };
    },
    refreshFor: asked.length > REFRESH_MOST ? [] : asked,
  };
}

/** Of an address of our tenant; null: there is none, or it is another tenant's. */
function objectIdIn(address: string | null, { tenantId }: Pick<TeamsOptions, 'tenantId'>): string | null {
  if (address === null) return null;
  const slash = address.indexOf('/');
  if (slash < 0) return address;
  return tenantId === null || address.slice(0, slash) === tenantId ? address.slice(slash + 1) : null;
}

/** Those who have a say now and have not said it. */
const peopleAsked = ({ stages }: RequestView): readonly PersonId[] => [
  ...new Set(
    stages
      .filter(({ state }) => state === 'open')
      .flatMap(({ rules }) => rules.flatMap(({ missing }) => missing.map(({ id }) => id))),
  ),
];
