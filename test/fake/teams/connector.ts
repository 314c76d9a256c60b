/**
 * test/fake/teams/connector.ts: the calls of the Bot Connector that a bot in Teams makes, over a world.
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
 */
import { checkActivity } from './cards.ts';
import type { Rates } from './rates.ts';
import { at, badSyntax, type Fields, isFields, listAt, noActivity, noConversation, textAt } from './wire.ts';
import { type FakePerson, type FakePlace, TENANT, type World } from './world.ts';

export type Operation =
  | 'createConversation'
  | 'post'
  | 'update'
  | 'delete'
  | 'members'
  | 'member'
  | 'pagedMembers'
  | 'team'
  | 'teamChannels';

export interface Request {
  readonly operation: Operation;
  /** What the path names, decoded: a conversation or a team, then an activity or a member. */
  readonly names: readonly string[];
  readonly query: URLSearchParams;
  readonly body: unknown;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const ROUTES: readonly (readonly [string, RegExp, Operation])[] = [
  ['POST', /^conversations$/, 'createConversation'],
  ['POST', /^conversations\/([^/]+)\/activities(?:\/([^/]+))?$/, 'post'],
  ['PUT', /^conversations\/([^/]+)\/activities\/([^/]+)$/, 'update'],
  ['DELETE', /^conversations\/([^/]+)\/activities\/([^/]+)$/, 'delete'],
  ['GET', /^conversations\/([^/]+)\/members$/, 'members'],
  ['GET', /^conversations\/([^/]+)\/members\/([^/]+)$/, 'member'],
  ['GET', /^conversations\/([^/]+)\/pagedmembers$/, 'pagedMembers'],
  ['GET', /^teams\/([^/]+)$/, 'team'],
  ['GET', /^teams\/([^/]+)\/conversations$/, 'teamChannels'],
];

/** @param path below `v3/`, as it came; null: the connector has no such call */
export function route(method: string, path: string): Pick<Request, 'operation' | 'names'> | null {
  for (const [verb, pattern, operation] of ROUTES) {
    const match = verb === method ? pattern.exec(path) : null;
    if (match !== null) {
      const named = match.slice(1).filter((name) => name !== undefined);
      return { operation, names: named.map(decodeURIComponent) };
    }
  }
  return null;
}

export function answer(world: World, rates: Rates | null, request: Request): Answer {
  const { operation, names, query, body } = request;
  const [first = '', second = ''] = names;
  switch (operation) {
    case 'createConversation':
      return create(world, rates, body);
    case 'post': {
      const { place, root } = world.place(first);
      world.assertOpen(place);
      if (root !== null && world.message(place, root) === null) throw noActivity();
      const activity = checkActivity(body);
      rates?.speak(place.id);
      return { status: 201, body: { id: world.add(place, place.kind === 'channel' ? root : null, activity).id } };
    }
    case 'update': {
      const { place } = world.place(first);
      world.assertOpen(place);
      const message = world.message(place, second);
      if (message === null || message.author !== null) throw noActivity();
      message.activity = checkActivity(body);
      rates?.speak(place.id);
      message.updates += 1;
      return { status: 200, body: { id: message.id } };
    }
    case 'delete': {
      const { place } = world.place(first);
      const message = world.message(place, second);
      if (message === null || message.author !== null) throw noActivity();
      message.isDeleted = true;
      return { status: 200, body: null };
    }
    case 'members':
      return { status: 200, body: rosterOf(world, rates, first).map(member) };
    case 'member': {
      const found = rosterOf(world, rates, first).find(({ mri, objectId }) => mri === second || objectId === second);
      if (found === undefined) throw noConversation();
      return { status: 200, body: member(found) };
    }
    case 'pagedMembers':
      return { status: 200, body: page(rosterOf(world, rates, first), query) };
    case 'team':
      if (![...world.places.values()].some(({ team }) => team === first)) throw noConversation();
      return { status: 200, body: { id: first, name: 'Platform' } };
    case 'teamChannels': {
      const channels = [...world.places.values()].filter(({ team }) => team === first);
      if (channels.length === 0) throw noConversation();
      return {
        status: 200,
        body: { conversations: channels.map(({ id }) => ({ id, name: id === first ? null : id })) },
      };
    }
  }
}

function create(world: World, rates: Rates | null, body: unknown): Answer {
  if (!isFields(body)) throw badSyntax('The parameters are missing.');
  return body.isGroup === true ? startThread(world, rates, body) : startPersonal(world, rates, body);
}

/** A bot can begin a thread in a channel; group chats and channels it can't make. */
function startThread(world: World, rates: Rates | null, body: Fields): Answer {
  const { place, root } = world.place(textAt(body, 'channelData', 'channel', 'id') ?? '');
  if (place.kind !== 'channel' || root !== null) throw badSyntax('Bot cannot create group chats.');
  world.assertOpen(place);
  const { id } = startedBy(world, place, checkActivity(body.activity), rates);
  return { status: 201, body: { id: `${place.id};messageid=${id}`, activityId: id } };
}

function startedBy(world: World, place: FakePlace, activity: Fields, rates: Rates | null) {
  rates?.speak(place.id);
  return world.add(place, null, activity);
}

function startPersonal(world: World, rates: Rates | null, body: Fields): Answer {
  const [one, ...more] = listAt(body, 'members');
  const id = textAt(one, 'id');
  if (id === null || more.length > 0) throw badSyntax('Incorrect conversation creation parameters.');
  const tenant = textAt(body, 'tenantId') ?? textAt(body, 'channelData', 'tenant', 'id');
  if (tenant !== TENANT) throw badSyntax('The tenant is missing or not one of the bot’s.');
  const person = world.personCalled(id);
  if (person === null) throw badSyntax('Bad format of conversation ID.');
  const place = world.personal(person);
  if (at(body, 'activity') === undefined) return { status: 201, body: { id: place.id } };
  world.assertOpen(place);
  const message = startedBy(world, place, checkActivity(body.activity), rates);
  return { status: 201, body: { id: place.id, activityId: message.id } };
}

function rosterOf(world: World, rates: Rates | null, conversation: string): readonly FakePerson[] {
  const { place } = world.place(conversation);
  world.assertOpen(place);
  rates?.roster();
  return [...place.members].map((id) => world.person(id));
}

/** Nobody asks for fewer than 50 or more than 500 at once; the token is opaque to whoever passes it on. */
function page(roster: readonly FakePerson[], query: URLSearchParams): Fields {
  const size = Number(query.get('pageSize') ?? 500);
  if (!Number.isInteger(size) || size < 50 || size > 500) throw badSyntax('The page size is out of range.');
  const token = query.get('continuationToken');
  const start = token === null || token === '' ? 0 : Number(Buffer.from(token, 'base64').toString());
  if (!Number.isInteger(start)) throw badSyntax('The continuation token is invalid.');
  const end = start + size;
  const next = end < roster.length ? { continuationToken: Buffer.from(String(end)).toString('base64') } : {};
  return { ...next, members: roster.slice(start, end).map(member) };
}

/** The wire has `objectId`; a guest is called anonymous in `userRole`, or stands with the mark of another tenant in the name. */
function member({ mri, objectId, name, role, tenantId }: FakePerson): Fields {
  const names = { name, givenName: name.split(' ')[0], surname: name.split(' ')[1] };
  const mail = `${name.split(' ')[0]?.toLowerCase()}@acme.dev`;
  const userPrincipalName = role === 'guest' ? `${mail.replace('@', '_')}#EXT#@acme.onmicrosoft.com` : mail;
  if (role === 'anonymous') return { id: mri, name, userRole: 'anonymous', tenantId };
  return { id: mri, objectId, ...names, email: mail, userPrincipalName, tenantId, userRole: role };
}
