/**
 * test/fake/teams/world.ts: what a tenant holds: people, teams with channels, group chats, messages. Tests change it as
 * people and administrators would (block the bot, remove the app, delete a message).
 */
import { randomBytes } from 'node:crypto';
import { ConnectorError, type Fields, noConversation } from './wire.ts';

export interface FakePerson {
  /** Entra object id. */
  readonly objectId: string;
  /** `29:…`, of this bot and this person only. */
  readonly mri: string;
  readonly name: string;
  readonly role: 'user' | 'guest' | 'anonymous';
  /** Of another tenant: a federated user. */
  readonly tenantId: string;
  /** Whether the app is installed for them: else there is no conversation of two. */
  hasApp: boolean;
  /** They have blocked the bot. */
  hasBlocked: boolean;
}

export interface FakePlace {
  /** `19:…@thread.tacv2` a channel, `19:…@thread.v2` a group chat, `a:…` a conversation of two. */
  readonly id: string;
  readonly kind: 'channel' | 'groupChat' | 'personal';
  /** The team's id; null: it is no channel. */
  readonly team: string | null;
  /** Object ids. */
  readonly members: Set<string>;
  /** Whether the app is installed there. */
  hasApp: boolean;
}

export interface FakeMessage {
  readonly place: string;
  /** Milliseconds as text. */
  readonly id: string;
  /** The message that began its thread; null: it did itself, or there are no threads here. */
  readonly root: string | null;
  /** By a person, not by the bot. */
  readonly author: string | null;
  activity: Fields;
  updates: number;
  isDeleted: boolean;
  readonly postedAt: number;
}

export const TENANT = '11111111-aaaa-4bbb-8ccc-000000000001';
export const OTHER_TENANT = '99999999-aaaa-4bbb-8ccc-000000000009';
export const APP = '22222222-aaaa-4bbb-8ccc-000000000002';
export const TEAM = '19:team-platform@thread.tacv2';
export const RELEASES = '19:releases@thread.tacv2';
export const CHAT = '19:board@thread.v2';

/** Object ids of those who live in every world. */
export const OID = {
  ana: '33333333-aaaa-4bbb-8ccc-000000000001',
  ben: '33333333-aaaa-4bbb-8ccc-000000000002',
  cy: '33333333-aaaa-4bbb-8ccc-000000000003',
  mia: '33333333-aaaa-4bbb-8ccc-000000000004',
  gus: '33333333-aaaa-4bbb-8ccc-000000000005',
  eve: '33333333-aaaa-4bbb-8ccc-000000000006',
} as const;

/** Ana, ben, cy and mia, gus who is a guest, and eve of another tenant; the team Platform with #releases, and a chat. */
export class World {
  readonly people = new Map<string, FakePerson>();
  readonly places = new Map<string, FakePlace>();
  readonly messages: FakeMessage[] = [];
  readonly clock: () => number;
  private count = 0;

  constructor(clock: () => number) {
    this.clock = clock;
    this.addPerson(OID.ana, 'Ana Silva');
    this.addPerson(OID.ben, 'Ben Okoye');
    this.addPerson(OID.cy, 'Cy Tan');
    this.addPerson(OID.mia, 'Mia Chen');
    this.addPerson(OID.gus, 'Gus Guest', { role: 'guest' });
    this.addPerson(OID.eve, 'Eve Stranger', { tenantId: OTHER_TENANT });
    this.addPlace(TEAM, { team: TEAM }); // the general channel has its team's id
    this.addPlace(RELEASES, { team: TEAM });
    this.addPlace(CHAT, { kind: 'groupChat', members: new Set([OID.ana, OID.ben]) });
  }

  addPerson(objectId: string, name: string, about: Partial<FakePerson> = {}): FakePerson {
    const mri = `29:${randomBytes(24).toString('base64url')}`;
    const plain = { role: 'user', tenantId: TENANT, hasApp: true, hasBlocked: false } as const;
    const person = { objectId, mri, name, ...plain, ...about };
    this.people.set(objectId, person);
    return person;
  }

  /** Everybody known is in it unless `members` says otherwise. */
  addPlace(id: string, about: Partial<FakePlace> = {}): FakePlace {
    const members = new Set(this.people.keys());
    const place: FakePlace = { id, kind: 'channel', team: null, members, hasApp: true, ...about };
    this.places.set(id, place);
    return place;
  }

  person(objectId: string): FakePerson {
    const person = this.people.get(objectId);
    if (person === undefined) throw new Error(`There is nobody with the object id ${objectId}.`);
    return person;
  }

  /** By an MRI or an Entra object id; an address or a name is nobody. */
  personCalled(id: string): FakePerson | null {
    return [...this.people.values()].find(({ mri, objectId }) => mri === id || objectId === id) ?? null;
  }

  /** @param conversation with or without the thread that its id may name */
  place(conversation: string): { readonly place: FakePlace; readonly root: string | null } {
    const [id = '', ...rest] = conversation.split(';');
    const place = this.places.get(id);
    const root = /^messageid=(\d+)$/.exec(rest.join(';'))?.[1] ?? null;
    if (place === undefined || (rest.length > 0 && root === null)) throw noConversation();
    return { place, root };
  }

  /** The conversation of the bot and one person: always the same one. */
  personal(person: FakePerson): FakePlace {
    if (!person.hasApp || person.tenantId !== TENANT)
      throw new ConnectorError(403, 'ForbiddenOperationException', 'The bot is not installed for the user.');
    const id = `a:${Buffer.from(person.objectId).toString('base64url')}`;
    return (
      this.places.get(id) ?? this.addPlace(id, { kind: 'personal', members: new Set([person.objectId]), hasApp: true })
    );
  }

  /** Whether the bot may speak there now. */
  assertOpen(place: FakePlace): void {
    if (place.kind !== 'personal') {
      if (!place.hasApp)
        throw new ConnectorError(403, 'BotNotInConversationRoster', 'The bot is not part of the conversation roster.');
      return;
    }
    for (const id of place.members) {
      const person = this.person(id);
      if (person.hasBlocked)
        throw new ConnectorError(403, 'ConversationBlockedByUser', 'User blocked the conversation with the bot.');
      if (!person.hasApp)
        throw new ConnectorError(403, 'MessageWritesBlocked', 'Message writes are blocked for the conversation.');
    }
  }

  add(place: FakePlace, root: string | null, activity: Fields, author: string | null = null): FakeMessage {
    this.count += 1;
    const id = String(this.clock() + this.count); // no two alike, whatever the clock says
    const postedAt = this.clock();
    const message = { place: place.id, id, root, author, activity, updates: 0, isDeleted: false, postedAt };
    this.messages.push(message);
    return message;
  }

  message(place: FakePlace, id: string): FakeMessage | null {
    const found = this.messages.find((message) => message.place === place.id && message.id === id);
    return found === undefined || found.isDeleted ? null : found;
  }
}
