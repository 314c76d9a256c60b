/** test/bot/stats/house.ts: requests that live through the real handler and a real SQLite, with time that a test moves. */
import { onTestFinished } from 'vitest';
import { type Config, parseConfig } from '../../../src/bot/config/index.ts';
import { createHandler, type Handler, type Order } from '../../../src/bot/handle.ts';
import { newRequestId } from '../../../src/bot/ids.ts';
import { contentOf } from '../../../src/bot/open.ts';
import { createProjection, type Projection, type StatsStore } from '../../../src/bot/stats/projection.ts';
import { createFigures } from '../../../src/bot/stats/report.ts';
import type { WeekTally } from '../../../src/bot/stats/tally.ts';
import { weekText } from '../../../src/bot/stats/tally.ts';
import { ordinalAt, weekOf } from '../../../src/bot/stats/week.ts';
import { tickOnce } from '../../../src/bot/ticks.ts';
import { fold } from '../../../src/engine/evolve.ts';
import type { Decision, RequestId } from '../../../src/engine/request.ts';
import type { Store } from '../../../src/store/port.ts';
import { openSqlite } from '../../../src/store/sqlite.ts';
import { signer } from '../../contract/requests.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;

const GATES = `
people:
  ana: { email: ana@acme.dev, manager: mia }
  ben: { email: ben@acme.dev, manager: mia }
  cy: { email: cy@acme.dev }
  mia: { email: mia@acme.dev }
  eve: { email: eve@acme.dev }
groups: { team: [ana, ben, cy] }
gates:
  plain: { approvers: [team], timeout: 24h }
  two: { approvers: [team], quorum: 2, sla: { target: 2h, warnAt: 50% }, timeout: 24h }
  quick: { approvers: [ana], sla: { target: 10m }, remind: { after: 5m, every: 5m, max: 3 }, timeout: 1h }
  chain:
    timeout: 48h
    stages:
      - { name: peers, approvers: [ana, ben] }
      - { name: board, approvers: [mia] }
  climbs: { approvers: [ana], escalate: [{ after: 30m, to: [mia] }], timeout: 4h }
  glass: { approvers: [ana], bypass: { by: [mia] }, sla: { target: 1h }, timeout: 24h }
  lets: { approvers: [ana], sla: { target: 4h }, timeout: 1h, onTimeout: approve }
`;

export class House {
  readonly store: Store;
  readonly handler: Handler;
  readonly config: Config;
  now: number;
  readonly clock = (): number => this.now;

  private constructor(store: Store, config: Config, now: number) {
    this.store = store;
    this.config = config;
    this.now = now;
    const { channels, directory } = config;
    this.handler = createHandler(store, {
      routes: () => ({ channels, directory, reachable: new Set(), threaded: new Set() }),
      clock: this.clock,
      onRefused: () => {},
    });
  }

  /** @param at RFC 3339 */
  static async open(at: string, store?: Store): Promise<House> {
    const now = Date.parse(at);
    const config = parseConfig(GATES, 'countersign.yaml', {}, now);
    let clock = (): number => now;
    const kept = store ?? (await openSqlite({ file: ':memory:', signer, fold, clock: () => clock() }));
    const house = new House(kept, config, now);
    clock = house.clock;
    if (store === undefined) onTestFinished(() => kept.close());
    return house;
  }

  async ask(name: string, requester: string | null = null): Promise<RequestId> {
    const gate = this.config.gates.get(name);
    if (gate === undefined) throw new Error(`There is no gate ${name}.`);
    const about = { description: null, context: {}, fields: [], artifacts: [], subject: null, callback: null };
    const asked = { ...about, title: name, requester, supersedes: null, heartbeatMs: null };
    const { content, text } = contentOf(newRequestId(), 'ci', gate, asked);
    const opened = await this.handler.open({ type: 'open', content, gate }, null, text);
    if (opened.kind !== 'decided' || opened.answer.kind !== 'accepted') throw new Error(JSON.stringify(opened));
    return content.id;
  }

  change(id: RequestId, order: Order): Promise<Decision | null> {
    return this.handler.change(id, order);
  }

  vote(id: RequestId, person: string, option = 'approve', pipeline: string | null = null): Promise<Decision | null> {
    return this.change(id, (directory) => ({
      type: 'vote',
      person,
      option,
      reason: 'because',
      inputs: {},
      via: pipeline === null ? 'web' : 'api',
      pipeline,
      assurance: 'standard',
      replaces: null,
      directory,
    }));
  }

  /** Lets time go on, with a tick each so many milliseconds. */
  async pass(ms: number, step = ms): Promise<void> {
    for (const end = this.now + ms; this.now < end; ) {
      this.now = Math.min(end, this.now + step);
      await this.tick();
    }
  }

  async tick(): Promise<void> {
    await tickOnce(this.store, this.handler, this.now, {
      error: (fields, message) => {
        throw new Error(`${message} ${JSON.stringify(fields)}`);
      },
    });
  }

  projection(store: StatsStore = this.store): Projection {
    return createProjection({
      store,
      clock: this.clock,
      onTrouble: (fields, message) => {
        throw new Error(`${message} ${JSON.stringify(fields)}`);
      },
    });
  }

  /** Everything counted anew, as the current week and so many before it tell it. */
  async report(weeks = 1) {
    const projection = this.projection();
    await projection.advance(100_000);
    const figures = createFigures(projection, this.clock);
    const to = figures.thisWeek();
    return figures.report({ from: to - weeks + 1, to }, { gate: () => true, person: () => true });
  }

  /** What a gate and a person have in the current week. */
  async gate(name: string) {
    return (await this.report()).gates.find((row) => row.name === name)?.total;
  }

  async person(id: string) {
    return (await this.report()).people.find((row) => row.name === id)?.total;
  }
}

/** All weeks that are kept, as comparable texts without the position. */
export async function weeksOf(projection: Projection, now: number): Promise<Record<string, readonly string[]>> {
  const weeks: Record<string, readonly string[]> = {};
  for (let ordinal = ordinalAt(now) - 60; ordinal <= ordinalAt(now); ordinal++) {
    const tally: WeekTally | null = await projection.week(weekOf(ordinal), { gate: () => true, person: () => true });
    if (tally !== null && tally.gates.size > 0) weeks[weekOf(ordinal)] = weekText(tally).split('\n').slice(1).sort();
  }
  return weeks;
}
