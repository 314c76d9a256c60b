import { afterEach, describe, expect, it } from 'vitest';
import {
  approval,
  CountersignError,
  createClient,
  NotApprovedError,
  requireApproval,
  StillPendingError,
  type TrailEvent,
  UnexpectedAnswerError,
  UnreachableError,
} from '../../src/client/index.ts';
import { realSurroundings, type Surroundings } from '../../src/client/transport.ts';
import {
  cutInTheMiddle,
  decided,
  hangUp,
  json,
  pending,
  problem,
  type Scene,
  type ScriptedServer,
  scripted,
  sse,
} from './scripted-server.ts';

const servers: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function serverThat(script: readonly Scene[] | Scene): Promise<ScriptedServer> {
  const server = await scripted(script);
  servers.push(server);
  return server;
}

/** A clock that sleeping moves on, so that no test waits; `slept` is what the client would have waited. */
function fastClock(start = Date.parse('2026-03-01T10:00:00Z')): Surroundings & { readonly slept: number[] } {
  let now = start;
  const slept: number[] = [];
  return {
    fetch: realSurroundings.fetch,
    now: () => now,
    random: () => 1,
    slept,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      slept.push(ms);
      now += ms;
    },
  };
}

const clientOf = (server: ScriptedServer, around = fastClock(), patienceMs = 60_000) =>
  createClient({ url: server.url, token: 'secret-token', patienceMs }, around);

describe('approval()', () => {
  it('opens a request, waits, and resolves with the outcome', async () => {
    const server = await serverThat([json(201, pending()), json(200, pending()), json(200, decided('approved'))]);
    const progress: string[] = [];
    const { status, outcome, request } = await approval(
      {
        url: server.url,
        token: 'secret-token',
        gate: 'deploy-prod',
        context: { version: '1.4.2' },
        requester: 'ben@acme.dev',
        onProgress: ({ status }) => progress.push(status),
      },
      fastClock(),
    );
    expect({ status, by: outcome.decidedBy, id: request.id }).toEqual({ status: 'approved', by: ['ana'], id: 'req_1' });
    expect(progress).toEqual(['pending', 'pending']);
    const [open, wait] = server.seen;
    expect(open).toMatchObject({
      method: 'POST',
      url: '/v1/requests',
      headers: { authorization: 'Bearer secret-token' },
    });
    expect(open?.body).toEqual({
      gate: 'deploy-prod',
      context: { version: '1.4.2' },
      requester: { email: 'ben@acme.dev' },
    });
    expect(wait).toMatchObject({ method: 'GET', url: '/v1/requests/req_1', headers: { prefer: 'wait=60' } });
  });

  it('resolves, and does not throw, when the answer is no', async () => {
    const server = await serverThat([json(201, pending()), json(200, decided('rejected'))]);
    const { status, outcome } = await approval({ url: server.url, gate: 'deploy-prod' }, fastClock());
    expect({ status, reason: outcome.reason }).toEqual({ status: 'rejected', reason: 'Not on a Friday' });
  });

  it('asks no second time when the request is decided as it opens', async () => {
    const server = await serverThat([json(201, decided('approved'))]);
    expect((await approval({ url: server.url, gate: 'deploy-prod' }, fastClock())).status).toBe('approved');
    expect(server.seen).toHaveLength(1);
  });

  it('throws on every other answer than yes when approval is required', async () => {
    const server = await serverThat([json(201, pending()), json(200, decided('cancelled'))]);
    const required = requireApproval({ url: server.url, gate: 'deploy-prod' }, fastClock());
    await expect(required).rejects.toThrow(NotApprovedError);
    await expect(required).rejects.toMatchObject({ status: 'cancelled', request: { id: 'req_1' } });
  });

  it('stops waiting when its caller says so, with the reason the caller gave', async () => {
    const stop = new AbortController();
    const server = await serverThat([json(201, pending()), () => stop.abort(new Error('job was cancelled'))]);
    const waiting = approval({ url: server.url, gate: 'deploy-prod', signal: stop.signal }, fastClock());
    await expect(waiting).rejects.toThrow('job was cancelled');
  });
});

describe('opening', () => {
  it('sends one idempotency key over all tries, so that a lost answer opens nothing twice', async () => {
    const server = await serverThat([hangUp, cutInTheMiddle, problem(503, 'Busy.'), json(201, pending())]);
    const request = await clientOf(server).open({ gate: 'deploy-prod' });
    expect(request.id).toBe('req_1');
    const keys = new Set(server.seen.map(({ headers }) => headers['idempotency-key']));
    expect(server.seen).toHaveLength(4);
    expect(keys.size).toBe(1);
    expect([...keys][0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('uses the key of its caller', async () => {
    const server = await serverThat([json(200, pending())]);
    await clientOf(server).open({ gate: 'deploy-prod' }, { idempotencyKey: 'run-77' });
    expect(server.seen[0]?.headers['idempotency-key']).toBe('run-77');
  });

  it('says what the server found wrong, and does not try that again', async () => {
    const errors = [{ path: 'gate', message: 'no gate has this name' }];
    const server = await serverThat([problem(422, 'This cannot be opened.', {}, errors)]);
    const opening = clientOf(server).open({ gate: 'nope' });
    await expect(opening).rejects.toThrow('This cannot be opened. (gate: no gate has this name)');
    await expect(opening).rejects.toMatchObject({ status: 422, problem: { errors } });
    expect(server.seen).toHaveLength(1);
  });
});

describe('waiting', () => {
  it.each([
    ['a dropped connection', hangUp],
    ['half an answer', cutInTheMiddle],
    ['a server error', problem(500, 'Oops.')],
    ['a gateway without its server', json(502, 'bad gateway')],
    ['too many requests', problem(429, 'Slow down.')],
  ])('goes on after %s', async (_name, scene) => {
    const server = await serverThat([json(200, pending()), scene, scene, json(200, decided('approved'))]);
    expect((await clientOf(server).wait('req_1')).status).toBe('approved');
    expect(server.seen).toHaveLength(4);
  });

  it('waits as long as Retry-After asks, and longer and longer where nothing is asked', async () => {
    const around = fastClock();
    const busy = problem(503, 'Busy.', { 'retry-after': '7' });
    const server = await serverThat([busy, hangUp, hangUp, hangUp, json(200, decided('approved'))]);
    const tries: number[] = [];
    await clientOf(server, around).wait('req_1', { onRetry: (_error, delayMs) => tries.push(delayMs) });
    expect(around.slept).toEqual([7_000, 500, 1_000, 2_000]);
    expect(tries).toEqual(around.slept);
  });

  it('does not hammer a server that never holds the answer', async () => {
    const around = fastClock();
    const early: Scene[] = Array.from({ length: 8 }, () => json(200, pending()));
    const server = await serverThat([...early, json(200, decided('approved'))]);
    await clientOf(server, around).wait('req_1');
    expect(around.slept).toEqual([1_000, 2_000, 3_000, 4_000, 5_000, 5_000, 5_000, 5_000]);
  });

  it('ends some minutes after the deadline of the request, when nothing answers any more', async () => {
    const start = Date.parse('2026-03-01T10:00:00Z');
    const around = fastClock(start);
    const open = pending({ expiresAt: '2026-03-01T10:30:00.000Z' });
    const server = await serverThat([json(200, open, { date: new Date(start).toUTCString() }), hangUp]);
    const waiting = clientOf(server, around).wait('req_1');
    await expect(waiting).rejects.toThrow(StillPendingError);
    await expect(waiting).rejects.toMatchObject({ request: { id: 'req_1' }, cause: expect.any(UnreachableError) });
    expect((around.now() - start) / 60_000).toBeGreaterThan(39);
    expect((around.now() - start) / 60_000).toBeLessThanOrEqual(40);
  });

  it('believes the clock of the server about the deadline, not the clock of the runner', async () => {
    const around = fastClock(Date.parse('2026-03-02T10:00:00Z')); // a day ahead
    const open = pending({ expiresAt: '2026-03-01T10:30:00.000Z' });
    const date = new Date('2026-03-01T10:00:00Z').toUTCString();
    const server = await serverThat([
      json(200, open, { date }),
      json(200, open, { date }),
      json(200, decided('approved')),
    ]);
    expect((await clientOf(server, around).wait('req_1')).status).toBe('approved');
  });

  it('waits on past the deadline while the request is paused, or held until a freeze ends', async () => {
    const late = { date: new Date('2026-03-01T12:00:00Z').toUTCString() };
    const around = fastClock(Date.parse('2026-03-01T12:00:00Z'));
    const paused = pending({ expiresAt: '2026-03-01T10:30:00.000Z', paused: true });
    const held = pending({
      expiresAt: '2026-03-01T10:30:00.000Z',
      heldUntil: '2026-03-02T09:00:00.000Z',
    });
    const server = await serverThat([json(200, paused, late), json(200, held, late), json(200, decided('approved'))]);
    expect((await clientOf(server, around).wait('req_1')).status).toBe('approved');
  });

  it('gives up when its caller has waited long enough, and says what it last knew', async () => {
    const server = await serverThat(json(200, pending({ version: 4 })));
    const waiting = clientOf(server).wait('req_1', { timeoutMs: 5_000 });
    await expect(waiting).rejects.toMatchObject({ name: 'StillPendingError', request: { version: 4 } });
  });

  it('gives up after its patience when it has never reached the server', async () => {
    const server = await serverThat(hangUp);
    await expect(clientOf(server).wait('req_1')).rejects.toThrow(UnreachableError);
  });

  it.each([401, 403, 404])('fails at once on %i', async (status) => {
    const server = await serverThat(problem(status, 'No.'));
    await expect(clientOf(server).wait('req_1')).rejects.toMatchObject({ name: 'CountersignError', status });
    expect(server.seen).toHaveLength(1);
  });
});

describe('what is no answer of a Countersign server', () => {
  const html: Scene = (response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome to the hotel</h1>');
  };
  it.each<[string, Scene]>([
    ['a page of HTML', html],
    ['a redirect', (response) => response.writeHead(302, { location: 'https://login.example' }).end()],
    ['JSON of another service', json(200, { ok: true })],
    ['an approval without its outcome', json(200, { ...pending(), status: 'approved' })],
    ['a status that its outcome contradicts', json(200, { ...decided('rejected'), status: 'approved' })],
    ['another request than asked for', json(200, decided('approved', { id: 'req_2' }))],
    ['an empty body', (response) => response.writeHead(200).end()],
  ])('never counts as an approval: %s', async (_name, scene) => {
    const server = await serverThat(scene);
    await expect(clientOf(server).wait('req_1')).rejects.toThrow(UnexpectedAnswerError);
  });
});

describe('changes', () => {
  it('repeats a vote whose answer was lost: the same vote counts once', async () => {
    const server = await serverThat([hangUp, json(200, decided('approved'))]);
    await clientOf(server).vote('req_1', { person: 'ana', option: 'approve', inputs: { window: 'now' } });
    expect(server.seen.map(({ url, body }) => ({ url, body }))).toEqual(
      Array(2).fill({
        url: '/v1/requests/req_1/votes',
        body: { person: 'ana', option: 'approve', inputs: { window: 'now' } },
      }),
    );
  });

  it('finds a cancellation done whose answer was lost', async () => {
    const server = await serverThat([hangUp, problem(409, 'Already decided.'), json(200, decided('cancelled'))]);
    expect((await clientOf(server).cancel('req_1', 'superfluous')).status).toBe('cancelled');
    expect(server.seen[0]?.body).toEqual({ reason: 'superfluous' });
  });

  it('does not take somebody’s approval for its own cancellation', async () => {
    const server = await serverThat([problem(409, 'Already decided.'), json(200, decided('approved'))]);
    await expect(clientOf(server).cancel('req_1')).rejects.toMatchObject({ status: 409 });
  });

  it('does not repeat a comment that may have arrived', async () => {
    const server = await serverThat([hangUp, json(200, pending())]);
    await expect(clientOf(server).comment('req_1', 'hello')).rejects.toThrow(UnreachableError);
    expect(server.seen).toHaveLength(1);
  });

  it('repeats a comment that was turned away', async () => {
    const server = await serverThat([problem(429, 'Slow down.', { 'retry-after': '1' }), json(200, pending())]);
    expect((await clientOf(server).comment('req_1', 'hello')).id).toBe('req_1');
  });
});

describe('lists, identity, addresses', () => {
  it('lists by filter, page by page', async () => {
    const server = await serverThat([json(200, { requests: [pending()], cursor: 'req_1' })]);
    const page = await clientOf(server).list({ status: 'pending', gate: 'deploy-prod', q: 'a&b' });
    expect(page).toMatchObject({ requests: [{ id: 'req_1' }], cursor: 'req_1' });
    expect(server.seen[0]?.url).toBe('/v1/requests?status=pending&gate=deploy-prod&q=a%26b');
  });

  it('says whose token it is', async () => {
    const server = await serverThat([json(200, { pipeline: 'ci', gates: ['deploy-*'], may: ['vote'] })]);
    expect(await clientOf(server).whoami()).toEqual({ pipeline: 'ci', gates: ['deploy-*'], may: ['vote'] });
  });

  it('refuses an id that would change the address it asks', async () => {
    const server = await serverThat(json(200, pending()));
    const client = clientOf(server);
    await expect(client.get('../whoami')).rejects.toThrow(TypeError);
    await expect(client.wait('req_1/../..')).rejects.toThrow(TypeError);
    expect(server.seen).toHaveLength(0);
  });

  it.each(['ftp://x', 'not an address', 'https://user:pass@x'])('refuses %s as a server', (url) => {
    expect(() => createClient({ url })).toThrow(TypeError);
  });

  it('says that nobody listens, after trying for its patience', async () => {
    const server = await serverThat(hangUp);
    await server.stop();
    await expect(clientOf(server).list()).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe('events()', () => {
  const stream =
    (...texts: string[]): Scene =>
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const text of texts) response.write(text);
      response.end();
    };

  it('yields what happens, reconnects where it was cut, and ends with the request', async () => {
    const server = await serverThat([
      stream(': hello\n\n', sse('opened', 1, { a: 1 }), 'id: 2\nevent: voted\ndata: {"half":'),
      json(200, pending()),
      stream(sse('voted', 2, { person: 'ana' }), sse('closed', 3, {})),
      json(200, decided('approved')),
    ]);
    const events: TrailEvent[] = [];
    for await (const event of clientOf(server).events('req_1')) events.push(event);
    expect(events).toEqual([
      { id: '1', type: 'opened', data: { a: 1 } },
      { id: '2', type: 'voted', data: { person: 'ana' } },
      { id: '3', type: 'closed', data: {} },
    ]);
    expect(server.seen[0]?.headers.accept).toBe('text/event-stream');
    expect(server.seen[2]?.headers['last-event-id']).toBe('1');
  });

  it('reads every line ending that the standard knows, wherever the network cuts', async () => {
    const text = 'id: 1\r\nevent: voted\r\ndata: {"a":\r\ndata: "é"}\r\n\r\n';
    const bytes = Buffer.from(text);
    const server = await serverThat([
      async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const byte of bytes) await new Promise((resolve) => response.write(Buffer.from([byte]), resolve));
        response.end();
      },
      json(200, decided('approved')),
    ]);
    const events: TrailEvent[] = [];
    for await (const event of clientOf(server).events('req_1')) events.push(event);
    expect(events).toEqual([{ id: '1', type: 'voted', data: { a: 'é' } }]);
  });

  it('fails when the server has no such request', async () => {
    const server = await serverThat(problem(404, 'There is no such request.'));
    const first = clientOf(server).events('req_1').next();
    await expect(first).rejects.toThrow(CountersignError);
  });
});
