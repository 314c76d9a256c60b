/**
 * test/e2e/replicas.test.ts: three replicas of the real bot on one real PostgreSQL. 32 people vote on 200 requests and 40
 * more wait for their deadline, through whichever replica answers, while each second the replica that was up longest is
 * killed with SIGKILL and started again. What was answered must be there, once, and all ways out must agree.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deriveKeys } from '../../src/bot/keys.ts';
import { fold } from '../../src/engine/evolve.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { createDatabase, type TestDatabase } from '../fake/postgres-database.ts';
import { type Sink, startSink } from '../fake/sink.ts';

const REPLICAS = 3;
const VOTERS = 32;
const RACED = 200;
const TIMED = 40;
const QUORUM = 16;
const KILLS_AT_LEAST = 10;
const SINKS = 4;
const SECRET = 'a secret that three replicas share, all of them';
const TOKEN = 'token-of-the-pipeline-that-races';
const CALLBACK_SECRET = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr';

const root = fileURLToPath(new URL('../..', import.meta.url));
const people = Array.from({ length: VOTERS }, (_, index) => `p${index}`);
const configOf = (callbacks: readonly string[]) => `
people:
${people.map((id) => `  ${id}: { name: ${id}, email: ${id}@acme.dev }`).join('\n')}
groups:
  everybody: [${people.join(', ')}]
pipelines:
  ci: { token: ${TOKEN}, gates: ["*"], may: [vote], callbackSecret: whsec_${CALLBACK_SECRET}, callbacks: ${JSON.stringify(callbacks)} }
gates:
  raced: { approvers: [everybody], quorum: ${QUORUM}, timeout: 1h }
  timed: { approvers: [everybody], quorum: ${QUORUM}, timeout: 8s, remind: { after: 3s } }
`;

let folder: string;
let compiled: string;
let database: TestDatabase;
let sinks: Sink[];
let fleet: Replica[];

/** Compiled once: a loader would cost each restart a second. */
function compile(): string {
  mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
  const target = mkdtempSync(join(root, 'node_modules/.cache/replicas-'));
  cpSync(join(root, 'package.json'), join(target, 'package.json'));
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const sources = files.filter((name) => /\.tsx?$/.test(name)).map((name) => join('src', name));
  for (const source of [...sources, 'test/e2e/replica-worker.ts']) {
    const { outputText } = ts.transpileModule(readFileSync(join(root, source), 'utf8'), {
      fileName: source,
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
        jsx: ts.JsxEmit.ReactJSX,
        jsxImportSource: 'preact',
      },
    });
    const file = join(target, source.replace(/tsx?$/, 'js'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, outputText);
  }
  return target;
}

/** A process on a port of its own, which it keeps over its lives. */
class Replica {
  readonly port: number;
  upSince = 0;
  isUp = false;
  private child: ChildProcess | null = null;

  constructor(port: number) {
    this.port = port;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [join(compiled, 'test/e2e/replica-worker.js')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH,
        PORT: String(this.port),
        DATABASE_URL: database.url,
        COUNTERSIGN_CONFIG: join(folder, 'countersign.yaml'),
        COUNTERSIGN_SECRET: SECRET,
        CALLBACK_ALLOW: '127.0.0.1',
        TICK_CRON: '* * * * * *',
        LOG_LEVEL: process.env.REPLICAS_LOG ?? 'silent',
      },
    });
    this.child = child;
    if (process.env.REPLICAS_LOG !== undefined) child.stdout?.pipe(process.stderr);
    await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'exit')]);
    if (child.exitCode !== null) throw new Error(`A replica ended with ${child.exitCode}.`);
    this.isUp = child.signalCode === null;
    this.upSince = performance.now();
  }

  async kill(): Promise<void> {
    const { child } = this;
    this.isUp = false;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what JSON.parse gives; each use says what it expects
  readonly body: any;
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

function call(port: number, method: string, path: string, body?: object, headers: object = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        agent,
        host: '127.0.0.1',
        port,
        method,
        path,
        timeout: 20_000,
        headers: {
          authorization: `Bearer ${TOKEN}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          // A kill may cut an answer short.
          if (!response.complete) return reject(new Error('The answer was cut.'));
          resolve({ status: response.statusCode ?? 0, body: text === '' ? null : JSON.parse(text) });
        });
      },
    );
    request.on('timeout', () => request.destroy(new Error('No answer.')));
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

let turn = 0;
/** From whichever replica answers; what is not an answer (cut, refused, 503) is asked again elsewhere. */
async function ask(method: string, path: string, body?: object, headers?: object): Promise<Answer> {
  for (const began = performance.now(); ; ) {
    const { port } = fleet[turn++ % fleet.length] ?? { port: 0 };
    try {
      const answer = await call(port, method, path, body, headers);
      if (answer.status < 500) return answer;
      expect(answer.status, JSON.stringify(answer.body)).toBe(503);
    } catch (error) {
      if (!(error instanceof Error) || error.name === 'AssertionError') throw error;
    }
    if (performance.now() - began > 60_000) throw new Error(`Nobody answers ${method} ${path}.`);
    await sleep(20);
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-replicas-'));
  compiled = compile();
  database = await createDatabase();
  sinks = await Promise.all(Array.from({ length: SINKS }, () => startSink({ secrets: [CALLBACK_SECRET] })));
  writeFileSync(join(folder, 'countersign.yaml'), configOf(sinks.map(({ url }) => `${url}/*`)));
  fleet = (await freePorts(REPLICAS)).map((port) => new Replica(port));
  await Promise.all(fleet.map((replica) => replica.start()));
}, 60_000);

afterAll(async () => {
  await Promise.all(fleet.map((replica) => replica.kill()));
  agent.destroy();
  await Promise.all(sinks.map((sink) => sink.close()));
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
  rmSync(compiled, { recursive: true, force: true });
}, 30_000);

it('lose nothing that was answered, and count, remind, expire and tell everything once', {
  timeout: 150_000,
}, async () => {
  const began = performance.now();
  let isOver = false;
  let kills = 0;
  const killer = (async () => {
    const starting: Promise<void>[] = [];
    while (!isOver) {
      const next = sleep(1_000);
      // On a slow machine starts take longer than a second: somebody has to be left to answer.
      const up = fleet.filter(({ isUp }) => isUp).sort((one, other) => one.upSince - other.upSince);
      const [oldest] = up;
      if (oldest !== undefined && up.length > 1) {
        await oldest.kill();
        kills += 1;
        starting.push(oldest.start());
      }
      await next;
    }
    await Promise.all(starting);
  })();

  const open = async (index: number, gate: 'raced' | 'timed'): Promise<string> => {
    const url = `${sinks[index % SINKS]?.url}/callback`;
    const body = { gate, title: `${gate} ${index}`, callback: { url } };
    const answer = await ask('POST', '/v1/requests', body, { 'idempotency-key': `${gate}-${index}` });
    expect([200, 201], JSON.stringify(answer.body)).toContain(answer.status);
    return String(answer.body.id);
  };
  const raced = await Promise.all(Array.from({ length: RACED }, (_, index) => open(index, 'raced')));
  const timed = await Promise.all(Array.from({ length: TIMED }, (_, index) => open(index, 'timed')));
  expect(new Set([...raced, ...timed]).size).toBe(RACED + TIMED);

  // Somebody waits for each, at whichever replica.
  const outcomes = [...raced, ...timed].map(async (id) => {
    for (;;) {
      const { body } = await ask('GET', `/v1/requests/${id}`, undefined, { prefer: 'wait=10' });
      if (body.status !== 'pending') return [id, JSON.stringify(body.outcome)] as const;
    }
  });

  /** Votes that were answered 200. */
  const counted = new Map<string, Set<string>>(raced.map((id) => [id, new Set()]));
  await Promise.all(
    people.map(async (person, start) => {
      for (let index = 0; index < RACED; index++) {
        const id = raced[(index + start * 5) % RACED] ?? '';
        const { status, body } = await ask('POST', `/v1/requests/${id}/votes`, { person, option: 'approve' });
        expect([200, 409], JSON.stringify(body)).toContain(status);
        if (status === 200) counted.get(id)?.add(person);
      }
    }),
  );
  const votedMs = performance.now() - began;
  const waited = new Map(await Promise.all(outcomes));
  while (kills < KILLS_AT_LEAST) await sleep(100);
  isOver = true;
  await killer;

  // Callbacks that a killed replica had claimed come when its claims have run out.
  const callbacks = () => sinks.flatMap((sink) => sink.received);
  await expect
    .poll(() => new Set(callbacks().map(({ body }) => JSON.parse(body).data.id)).size, {
      timeout: 60_000,
      interval: 200,
    })
    .toBe(RACED + TIMED);

  let votes = 0;
  for (const id of [...raced, ...timed]) {
    const { body: trail } = await ask('GET', `/v1/requests/${id}/events`);
    const events: { version: number; type: string; vote?: { person: string } }[] = trail.events;
    expect(events.map(({ version }) => version)).toEqual(events.map((_, index) => index + 1));
    expect(
      events.filter(({ type }) => type === 'closed'),
      id,
    ).toHaveLength(1);
    const voters = events.filter(({ type }) => type === 'voted').map(({ vote }) => vote?.person);
    expect(new Set(voters).size, `${id}: somebody was counted twice`).toBe(voters.length);
    for (const person of counted.get(id) ?? []) expect(voters, `${id} lost an answered vote`).toContain(person);
    votes += voters.length;
    const { body: state } = await ask('GET', `/v1/requests/${id}`);
    expect(waited.get(id), id).toBe(JSON.stringify(state.outcome));
    if (raced.includes(id)) {
      expect(voters, id).toHaveLength(QUORUM);
      expect(state.outcome).toMatchObject({ status: 'approved', cause: 'votes' });
    } else {
      expect(state.outcome).toMatchObject({ status: 'rejected', cause: 'timeout' });
      expect(
        events.filter(({ type }) => type === 'reminded'),
        id,
      ).toHaveLength(1);
    }
    const told = callbacks().filter(({ body }) => JSON.parse(body).data.id === id);
    expect(new Set(told.map(({ headers }) => headers['webhook-id'])).size, id).toBe(1);
    for (const { body, fault } of told) {
      expect(fault).toBeNull();
      expect(JSON.stringify(JSON.parse(body).data.outcome), id).toBe(waited.get(id));
    }
  }
  expect(votes).toBe(RACED * QUORUM);

  const store = await openPostgres({ url: database.url, signer: deriveKeys(SECRET).checkpoints, fold, readOnly: true });
  const verification = await store.verify({ fold });
  expect(verification.faults).toEqual([]);
  await expect
    .poll(async () => (await store.stats()).deliveries, { timeout: 20_000 })
    .toMatchObject({ queued: 0, sending: 0 });
  const { deliveries, pending } = await store.stats();
  expect({ pending, dead: deliveries.dead, failed: deliveries.failed }).toEqual({ pending: 0, dead: 0, failed: 0 });
  await store.close();

  const repeated = callbacks().length - RACED - TIMED;
  console.log(
    `${kills} kills, ${votes} votes in ${Math.round(votedMs)} ms, ${verification.events} events, ${callbacks().length} callbacks (${repeated} repeated under the same id after a kill), ${Math.round(performance.now() - began)} ms in all`,
  );
  // Only what a killed replica had begun is sent again, under the same id.
  expect(repeated).toBeLessThanOrEqual(kills * SINKS);
});

async function freePorts(count: number): Promise<number[]> {
  const probes = await Promise.all(
    Array.from({ length: count }, async () => {
      const probe = createServer();
      probe.listen(0, '127.0.0.1');
      await once(probe, 'listening');
      return probe;
    }),
  );
  return probes.map((probe) => {
    const address = probe.address();
    probe.close();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
}
