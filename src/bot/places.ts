/** src/bot/places.ts: where a request is shown to everybody, and where people are reached by themselves. */
import type { PersonId } from '../engine/definition.ts';
import type { Directory } from '../engine/directory.ts';
import type { RequestState } from '../engine/request.ts';

export interface Place {
  readonly kind: string;
  readonly id: string;
}

export interface Routes {
  /** The config's channels. */
  readonly channels: ReadonlyMap<string, Place>;
  /** The kinds that this process can reach: a channel of another kind gets nothing. */
  readonly reachable: ReadonlySet<string>;
  /** Of these, the kinds whose messages can have others under them. */
  readonly threaded: ReadonlySet<string>;
  readonly directory: Directory;
}

/** The kinds of channels that reach a person by an address of their own. */
export const PERSONAL = ['slack', 'teams', 'email'] as const;

/** Channels that would get a surface if one of the request's is lost now; none once that has happened. */
export function fallbackLeft(state: RequestState, routes: Routes): boolean {
  return state.status === 'pending' && !hasFallenBack(state) && fallbackOf(state, routes).length > 0;
}

const hasFallenBack = ({ undelivered }: RequestState): boolean => undelivered.some(({ kind }) => kind === 'surface');

export const placeName = ({ kind, id }: Place): string => `${kind}:${id}`;

/** The places of these names that this process can reach. */
export function placesOf(names: readonly string[], { channels, reachable }: Routes): readonly Place[] {
  return [...new Set(names)].flatMap((name) => {
    const channel = channels.get(name);
    return channel !== undefined && reachable.has(channel.kind) ? [channel] : [];
  });
}

/** Those that have no surface from the beginning. */
export function fallbackOf({ gate }: RequestState, routes: Routes): readonly Place[] {
  const first = new Set(placesOf(gate.notify, routes).map(placeName));
  return placesOf(gate.fallback ?? [], routes).filter((place) => !first.has(placeName(place)));
}

/** Where the request is shown to everybody. */
export function shownAt(state: RequestState, routes: Routes): readonly Place[] {
  const first = placesOf(state.gate.notify, routes);
  return hasFallenBack(state) ? [...first, ...fallbackOf(state, routes)] : first;
}

/** Where these people are reached, each by every kind that this process can use. */
export function addressesOf(
  people: readonly PersonId[],
  { directory, reachable }: Routes,
): readonly (Place & { readonly person: PersonId })[] {
  const found: (Place & { readonly person: PersonId })[] = [];
  for (const person of people)
    for (const kind of PERSONAL) {
      const id = directory.people.get(person)?.[kind] ?? null;
      if (id !== null && reachable.has(kind)) found.push({ kind, id, person });
    }
  return found;
}
