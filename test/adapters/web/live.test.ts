/** test/adapters/web/live.test.ts: open pages are told of changes, within bounds, for as long as they may see them. */
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import type { WebLimits } from '../../../src/adapters/web/ports.ts';
import { type Process, pagesOf, pending, processWith, signedIn, type Visitor } from './samples.ts';

const open: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(
    open.splice(0).map((app) => {
      const closed = app.close();
      // The client opens a connection ahead of a next request, which a server that stops would wait for.
      app.server.closeAllConnections();
      return closed;
    }),
  );
});

async function start(limits: Partial<WebLimits> = {}) {
  const process = processWith([pending]);
  const app = await pagesOf(process, limits);
  open.push(app);
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  return { process, app, address, visitor: await signedIn(app) };
}

/** Reads a stream as text until it says `until`, or to its end. */
class Reader {
  text = '';
  readonly answer: Response;
  private readonly body: ReadableStreamDefaultReader<string>;
  constructor(answer: Response) {
    this.answer = answer;
    if (answer.body === null) throw new Error('no stream');
    this.body = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  }
  async until(words: string): Promise<string> {
    while (!this.text.includes(words)) {
      const { done, value } = await this.body.read();
      if (done) throw new Error(`the stream ended before ${JSON.stringify(words)}: ${this.text}`);
      this.text += value;
    }
    return this.text;
  }
  async end(): Promise<string> {
    for (;;) {
      const { done, value } = await this.body.read();
      if (done) return this.text;
      this.text += value;
    }
  }
  leave(): Promise<void> {
    return this.body.cancel();
  }
}

const follow = async (address: string, visitor: Visitor, id = pending.id): Promise<Reader> => {
  const cookie = Object.entries(visitor.cookies).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return new Reader(await fetch(`${address}/requests/${id}/live`, { headers: { cookie: cookie.join('; ') } }));
};

const newer = (process: Process, version: number) => process.change({ ...pending, version });

describe('a live stream', () => {
  it('says the version as it is, and each newer one after its commit', async () => {
    const { process, address, visitor } = await start();
    const stream = await follow(address, visitor);
    expect(stream.answer.headers.get('content-type')).toContain('text/event-stream');
    expect(stream.answer.headers.get('cache-control')).toBe('no-store');
    await stream.until('data: {"version":3}\n\n');
    newer(process, 4);
    await stream.until('event: version\nid: 4\ndata: {"version":4}\n\n');
    newer(process, 4); // a commit that this viewer sees nothing of
    newer(process, 5);
    const text = await stream.until('data: {"version":5}\n\n');
    expect(text.match(/event: version/g)).toHaveLength(3);
    await stream.leave();
  });

  it('keeps an idle connection open with comments', async () => {
    const { address, visitor } = await start({ keepAliveMs: 5 });
    const stream = await follow(address, visitor);
    await stream.until(': still here\n\n');
    await stream.leave();
  });

  it('ends when its session does', async () => {
    const { process, address, visitor } = await start();
    const stream = await follow(address, visitor);
    await stream.until('"version":3');
    await visitor.post('/logout', {});
    newer(process, 4);
    expect(await stream.end()).not.toContain('"version":4');
    expect(process.listeners()).toBe(0);
  });

  it('is forgotten when its reader leaves', async () => {
    const { process, address, visitor } = await start();
    const stream = await follow(address, visitor);
    await stream.until('"version":3');
    expect(process.listeners()).toBe(1);
    await stream.leave();
    await expect.poll(() => process.listeners()).toBe(0);
  });

  it('has a bound for each session and for all together', async () => {
    const { address, app, visitor } = await start({ streamsPerSession: 1, streams: 2 });
    const other = await signedIn(app, 'ana');
    const third = await signedIn(app, 'ben');
    const mine = await follow(address, visitor);
    expect((await follow(address, visitor)).answer.status).toBe(503);
    const theirs = await follow(address, other);
    expect(theirs.answer.status).toBe(200);
    const refused = await follow(address, third);
    expect([refused.answer.status, refused.answer.headers.get('retry-after')]).toEqual([503, '30']);
    await mine.leave();
    await expect
      .poll(async () => {
        const again = await follow(address, third);
        if (again.answer.status === 200) await again.leave();
        return again.answer.status;
      })
      .toBe(200);
    await theirs.leave();
  });

  it('does not keep the server from stopping', async () => {
    const { app, address, visitor, process } = await start();
    const stream = await follow(address, visitor);
    await stream.until('"version":3');
    await Promise.all([app.close(), stream.end()]);
    expect(process.listeners()).toBe(0);
  });

  it('is not there for a request that is not', async () => {
    const { address, visitor } = await start();
    expect((await follow(address, visitor, 'req_none')).answer.status).toBe(404);
  });
});
