/**
 * test/adapters/teams/inbound/house.ts: a process with one Teams door: the local Teams, a real server, the adapter, and
 * requests decided by the real engine in memory.
 */
import Fastify from 'fastify';
import { onTestFinished } from 'vitest';
import type { TeamsLog, TeamsOptions } from '../../../../src/adapters/teams/options.ts';
import { createTeams, type Teams } from '../../../../src/adapters/teams/teams.ts';
import type { GateDefinition } from '../../../../src/engine/definition.ts';
import { view } from '../../../../src/engine/present.ts';
import type { Content } from '../../../../src/engine/request.ts';
import { gate } from '../../../engine/house.ts';
import { cardOf, partsOf } from '../../../fake/teams/cards.ts';
import { type Flaw, PASSWORD } from '../../../fake/teams/login.ts';
import { type FakeTeams, startTeams } from '../../../fake/teams/server.ts';
import { at, type Fields, isFields, textAt } from '../../../fake/teams/wire.ts';
import { APP, type FakeMessage, type FakePerson, OID, RELEASES, TENANT } from '../../../fake/teams/world.ts';
import { Memory, people } from './memory.ts';

export interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

/** What a click was answered with. */
export interface Said {
  readonly status: number;
  readonly kind: 'card' | 'message' | 'refused' | 'error' | 'nothing';
  /** The message's text, the error's, or the card as JSON. */
  readonly words: string;
  readonly card: Fields;
}

export interface House {
  readonly teams: FakeTeams;
  readonly adapter: Teams;
  readonly memory: Memory;
  readonly kept: Map<string, string>;
  readonly url: string;
  readonly lines: readonly Line[];
  who(name: keyof typeof OID): FakePerson;
  /** A request with its card in #releases, or with a person. */
  ask(
    definition?: GateDefinition,
    more?: Partial<Content>,
    to?: { readonly kind: 'channel' | 'person'; readonly id: string },
  ): Promise<{ id: string; message: FakeMessage }>;
  send(activity: unknown, about?: { readonly token?: string | null; readonly flaw?: Flaw }): Promise<Response>;
  invoke(activity: Fields): Promise<Said>;
  /** The person's own card at a message, as their client fetches it. */
  refresh(name: keyof typeof OID, message: FakeMessage): Promise<Said>;
  /** The invoke of a button of this title on the person's own card at the message. */
  click(
    name: keyof typeof OID,
    message: FakeMessage,
    title: string,
    inputs?: Readonly<Record<string, string>>,
  ): Promise<Fields>;
  /** Fetches the person's own card, presses the button of this title on it, fills in what it asks (by an input's last name). */
  press(
    name: keyof typeof OID,
    message: FakeMessage,
    title: string,
    inputs?: Readonly<Record<string, string>>,
  ): Promise<Said>;
  /** What the bot has written to somebody alone, as one text. */
  told(name: keyof typeof OID): string;
}

interface Settings {
  readonly options?: Partial<TeamsOptions>;
  readonly patience?: { readonly click: number; readonly authentication: number };
  readonly host?: string;
  readonly onGroupChange?: () => void;
}

/** Everything is taken down when the test ends. */
export async function openHouse({
  options = {},
  patience,
  host = '127.0.0.1',
  onGroupChange,
}: Settings = {}): Promise<House> {
  const clock = Date.now; // the SDK judges tokens by no other
  const teams = await startTeams({ clock, isRated: false, isOpen: options.insecureLocal === true });
  const lines: Line[] = [];
  const say = (level: Line['level']) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  const log: TeamsLog = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
  const memory = new Memory(clock);
  const kept = new Map<string, string>();
  const adapter = createTeams(
    {
      appId: APP,
      appPassword: PASSWORD,
      tenantId: TENANT,
      appType: 'SingleTenant',
      insecureLocal: false,
      cloud: 'public',
      serviceOrigins: [teams.origin],
      endpoints: teams.endpoints,
      ...options,
    },
    {
      ports: memory,
      log,
      clock,
      remember: {
        get: async (key) => kept.get(key) ?? null,
        put: async (key, value) => void kept.set(key, value),
        remove: async (key) => void kept.delete(key),
      },
      ...(patience !== undefined && { patience }),
      ...(onGroupChange !== undefined && { onGroupChange }),
    },
  );
  const app = Fastify();
  await app.register(async (scope) => adapter.routes(scope));
  const url = `${await app.listen({ port: 0, host })}/api/messages`;
  onTestFinished(async () => {
    await adapter.stop();
    await app.close();
    await teams.close();
  });
  adapter.start();

  const send: House['send'] = (activity, about) => teams.send(url, activity, about);
  const who: House['who'] = (name) => teams.world.person(OID[name]);
  const invoke: House['invoke'] = async (activity) => {
    const response = await send(activity);
    const text = await response.text();
    return saidOf(response.status, text === '' ? null : JSON.parse(text));
  };
  const refresh: House['refresh'] = (name, message) => invoke(teams.says.refresh({ message, person: who(name) }));
  const click: House['click'] = async (name, message, title, inputs = {}) => {
    const own = await refresh(name, message);
    const buttons = [...partsOf(own.card)].filter(({ type }) => type === 'Action.Execute');
    const button = buttons.find((one) => one.title === title);
    if (button === undefined)
      throw new Error(`there is no “${title}” in ${buttons.map((one) => one.title).join(', ')}: ${own.words}`);
    const form = /^[^|]*\|[^|]*\|[^|]*\|[^|]*\|(\d*)\|/.exec(textAt(button, 'data', 'k') ?? '')?.[1] ?? '';
    const named = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [`in.${form}.${key}`, value]));
    return teams.says.execute({ message, person: who(name), action: button, inputs: named });
  };

  return {
    teams,
    adapter,
    memory,
    kept,
    url,
    lines,
    who,
    send,
    invoke,
    refresh,
    click,
    press: async (name, message, title, inputs) => invoke(await click(name, message, title, inputs)),
    async ask(definition = gate(), more = {}, to = { kind: 'channel', id: RELEASES }) {
      await send(teams.says.installation({ person: who('cy') }, 'add-upgrade')); // where Teams is, is known from now on
      const id = memory.open(definition, more);
      const ref = await adapter.channel.post({
        key: `delivery-of-${id}`,
        to,
        view: view(
          memory.state(id),
          to.kind === 'channel' ? { kind: 'everyone' } : { kind: 'person', person: 'ana' },
          people,
        ),
        link: memory.link(id),
        thread: null,
        signal: AbortSignal.timeout(5_000),
      });
      memory.surfaces.push({ id, ref });
      const message = teams.messages().find((one) => one.id === ref.activity);
      if (message === undefined) throw new Error('it was not posted');
      return { id, message };
    },
    told: (name) =>
      teams
        .messages(teams.world.personal(who(name)).id)
        .map(({ activity }) => JSON.stringify(cardOf(activity)))
        .join('\n'),
  };
}

const KINDS: ReadonlyMap<unknown, Said['kind']> = new Map([
  ['application/vnd.microsoft.card.adaptive', 'card'],
  ['application/vnd.microsoft.activity.message', 'message'],
  ['application/vnd.microsoft.error', 'error'],
]);

function saidOf(status: number, body: unknown): Said {
  const value = at(body, 'value');
  const named = KINDS.get(at(body, 'type')) ?? 'nothing';
  const kind = named === 'error' && at(body, 'statusCode') === 400 ? 'refused' : named;
  const card = isFields(value) && kind === 'card' ? value : {};
  const words = typeof value === 'string' ? value : (textAt(value, 'message') ?? JSON.stringify(card));
  return { status, kind, words, card };
}
