/** test/fake/slack/state.ts: everything that the local Slack remembers over calls, and the ids it gives out. */
import { createHash, randomBytes } from 'node:crypto';
import { createRates, type Rates } from './rates.ts';
import { type Fields, SlackError } from './wire.ts';
import {
  directMessageOf,
  type Ephemeral,
  type FakeMessage,
  type FakePlace,
  type FakeView,
  type FakeWorkspace,
  userOfDirectMessage,
} from './world.ts';

/** A trigger lives so long and opens one modal. */
const TRIGGER_LIFE_MS = 3_000;
/** A response_url lives so long and takes so many posts. */
const RESPONSE_LIFE_MS = 30 * 60_000;
const RESPONSE_USES = 5;

interface Trigger {
  readonly team: string;
  readonly user: string;
  readonly at: number;
  isUsed: boolean;
}

export interface ResponseUrl {
  readonly team: string;
  readonly user: string;
  readonly channel: string;
  /** The message that was clicked; null after a slash command. */
  readonly ts: string | null;
  readonly at: number;
  uses: number;
}

/** What was posted to a response_url. */
export interface FakeResponse {
  readonly token: string;
  readonly channel: string;
  readonly user: string;
  readonly body: Fields;
}

export class State {
  readonly clock: () => number;
  /** null: nobody counts. */
  readonly rates: Rates | null;
  readonly workspaces: readonly FakeWorkspace[];
  readonly messages: FakeMessage[] = [];
  readonly views: FakeView[] = [];
  readonly homes = new Map<string, FakeView>();
  readonly ephemerals: Ephemeral[] = [];
  readonly responses: FakeResponse[] = [];
  private readonly triggers = new Map<string, Trigger>();
  private readonly responseUrls = new Map<string, ResponseUrl>();
  private count = 0;

  constructor(clock: () => number, workspaces: readonly FakeWorkspace[], isRated: boolean) {
    this.clock = clock;
    this.rates = isRated ? createRates(clock) : null;
    this.workspaces = workspaces;
  }

  next(): number {
    this.count += 1;
    return this.count;
  }

  /** Seconds and a count, as text: two of one second differ. */
  newTs(): string {
    return `${Math.floor(this.clock() / 1_000)}.${String(this.next()).padStart(6, '0')}`;
  }

  workspace(team: string): FakeWorkspace {
    const found = this.workspaces.find((workspace) => workspace.team === team);
    if (found === undefined) throw new Error(`There is no workspace ${team}.`);
    return found;
  }

  /** A conversation by its id; a direct message exists for whoever is known. */
  place({ users, places, bot }: FakeWorkspace, id: string): FakePlace {
    const place = places.get(id);
    if (place !== undefined) return place;
    const user = users.get(userOfDirectMessage(id));
    if (!id.startsWith('D') || user === undefined) throw new SlackError('channel_not_found');
    const members = new Set([user.id, bot.userId]);
    const created = { id, name: user.id, isPrivate: true, isArchived: false, isReadOnly: false, members };
    places.set(id, created);
    return created;
  }

  /** Where a message to `channel` goes: a user's id means the direct message with them. */
  placeToPost(workspace: FakeWorkspace, channel: string): FakePlace {
    if (!channel.startsWith('U')) return this.place(workspace, channel);
    const user = workspace.users.get(channel);
    if (user === undefined || user.deleted || user.isBot) throw new SlackError('channel_not_found');
    return this.place(workspace, directMessageOf(channel));
  }

  message(team: string, channel: string, ts: string): FakeMessage | null {
    const isIt = (message: FakeMessage) => message.team === team && message.channel === channel && message.ts === ts;
    const found = this.messages.find(isIt);
    return found === undefined || found.isDeleted ? null : found;
  }

  /** On top of `below`, as an answer to its submission may do. */
  pushView(below: FakeView, view: Fields): FakeView {
    const id = `V${this.next().toString(36).toUpperCase().padStart(6, '0')}`;
    const pushed = { ...below, id, previousId: below.id, externalId: null, view, hash: id, updates: 0, isOpen: true };
    this.views.push(pushed);
    return pushed;
  }

  newTrigger(team: string, user: string): string {
    const id = `${this.next()}.${team}.${randomBytes(8).toString('hex')}`;
    this.triggers.set(id, { team, user, at: this.clock(), isUsed: false });
    return id;
  }

  useTrigger(id: string): Trigger {
    const trigger = this.triggers.get(id);
    if (trigger === undefined) throw new SlackError('invalid_trigger_id');
    if (trigger.isUsed) throw new SlackError('exchanged_trigger_id');
    if (this.clock() - trigger.at > TRIGGER_LIFE_MS) throw new SlackError('expired_trigger_id');
    trigger.isUsed = true;
    return trigger;
  }

  newResponseUrl(about: Omit<ResponseUrl, 'at' | 'uses'>): string {
    const token = createHash('sha256')
      .update(`${this.next()} ${randomBytes(16).toString('hex')}`)
      .digest('hex');
    this.responseUrls.set(token, { ...about, at: this.clock(), uses: 0 });
    return token;
  }

  /** null: there is none, it is too old or used up. */
  useResponseUrl(token: string): ResponseUrl | null {
    const known = this.responseUrls.get(token);
    if (known === undefined || known.uses >= RESPONSE_USES || this.clock() - known.at > RESPONSE_LIFE_MS) return null;
    known.uses += 1;
    return known;
  }
}
