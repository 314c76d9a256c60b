/** Groups that an HTTP directory keeps, over a real server and in virtual time: what is known when, and when the gate closes. */
import { afterEach, describe, expect, it } from 'vitest';
import { askDirectory } from '../../../src/adapters/directory/ask.ts';
import { createHttpReader } from '../../../src/adapters/http/reader.ts';
import type { GroupChanges } from '../../../src/bot/directory/changes.ts';
import { createDirectory } from '../../../src/bot/directory/source.ts';
import type { Absence } from '../../../src/engine/directory.ts';
import { type DirectoryServer, startDirectoryServer } from '../../fake/directory-server.ts';
import { load } from '../config/given.ts';
import { until, VirtualTime } from '../dispatch-parts.ts';

const MINUTE = 60_000;
const people = 'people: { ana: { email: ana@acme.dev }, ben: { slack: T0/U0BEN }, cy: {} }\n';
const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

async function start(
  groups = (url: string) => `groups: { finance: { http: { url: "${url}/finance" } }, all: [finance, cy] }\n`,
) {
  const server = await startDirectoryServer({ json: ['ana@acme.dev', 'slack:T0/U0BEN'] });
  const reader = createHttpReader({ hosts: [{ host: '127.0.0.1', port: server.port }], cidrs: [] });
  const time = new VirtualTime(0);
  const text = (url: string) => people + groups(url);
  const env = { CALLBACK_ALLOW: '127.0.0.1' };
  let config = load(text(server.url), env);
  let absences: ReadonlyMap<string, readonly Absence[]> = new Map();
  const lines: string[] = [];
  const changes: GroupChanges[] = [];
  let answers = 0;
  const source = createDirectory({
    config: () => config,
    absences: () => absences,
    members: () => Promise.reject(new Error('no platform here')),
    directory: ({ url, headers, members }, signal) =>
      askDirectory(reader, { url, headers, members, signal, timeoutMs: 200 }).finally(() => answers++),
    isHome: () => false,
    clock: time.clock,
    timers: time.timers,
    log: {
      info: () => {},
      warn: (fields, message) => void lines.push(`${message} ${JSON.stringify(fields)}`),
    },
    onChange: (change) => void changes.push(change),
  });
  ending.push(async () => {
    source.stop();
    await reader.close();
    await server.close();
  });
  return {
    source,
    server,
    time,
    lines,
    changes,
    group: (name: string) => source.current().groups.get(name),
    /** Lets time pass, and whoever was asked on the way answer. */
    async pass(ms: number, asked = 1) {
      const before = answers;
      await time.pass(ms);
      await until(() => answers >= before + asked);
      await time.pass(0);
    },
    /** Waits without letting anybody be asked. */
    wait: (ms: number) => time.pass(ms),
    reload: (change: (url: string) => string) => {
      config = load(change(server.url), env);
      return source.refresh();
    },
    setAbsences: (next: typeof absences) => {
      absences = next;
    },
    text,
  };
}
const failing = (server: DirectoryServer): void => {
  server.answer = { json: {}, status: 500 };
};

describe('a group that an HTTP directory keeps', () => {
  it('is unavailable until its members are known, and is asked again when its answer is old', async () => {
    const { source, server, group, pass, wait } = await start();
    expect(group('finance')).toBe('unavailable');
    await source.start();
    expect(group('finance')).toEqual(['ana', 'ben']);
    server.answer = { json: ['cy'] };
    await wait(5 * MINUTE - 1);
    expect(server.asked).toHaveLength(1);
    await pass(1);
    expect(group('finance')).toEqual(['cy']);
    await source.refresh(); // as when Slack says that one of its groups has changed
    expect(server.asked).toHaveLength(2);
  });

  it('keeps its last members for ten minutes after they should have been asked again, and is unavailable then', async () => {
    const { source, server, group, pass, time } = await start();
    await source.start();
    failing(server);
    await pass(5 * MINUTE);
    expect(source.sources().get('finance')).toMatchObject({ isUp: true, trouble: 'answered 500' });
    for (let retry = 0; retry < 19; retry++) await pass(30_000);
    expect(time.now).toBe(14.5 * MINUTE);
    expect(group('finance')).toEqual(['ana', 'ben']);
    await pass(30_000);
    expect(group('finance')).toBe('unavailable');
    expect(source.sources().get('finance')).toMatchObject({ isUp: false, trouble: 'answered 500' });
    server.answer = { json: ['cy'] };
    await pass(30_000);
    expect(group('finance')).toEqual(['cy']);
    expect(source.sources().get('finance')).toMatchObject({ isUp: true, trouble: null });
  });

  it('becomes unavailable in time even while it hangs', async () => {
    const { source, server, group, wait } = await start();
    await source.start();
    server.answer = 'hang';
    await wait(15 * MINUTE - 1);
    expect(group('finance')).toEqual(['ana', 'ben']);
    await wait(1);
    expect(group('finance')).toBe('unavailable');
  });

  it('as it says itself: cache and staleFor', async () => {
    const { source, server, group, pass } = await start(
      (url) => `groups: { finance: { http: { url: "${url}/", cache: 10s, staleFor: 15s } } }\n`,
    );
    await source.start();
    failing(server);
    await pass(10_000);
    await pass(10_000);
    expect(group('finance')).toEqual(['ana', 'ben']);
    await pass(5_000, 0);
    expect(group('finance')).toBe('unavailable');
  });

  it.each([
    ['an empty list', { json: [] }],
    ['HTML', { text: '<html>', type: 'text/html' }],
    ['nobody we know', { json: ['who@acme.dev', 'zed'] }],
  ] as const)('that answers %s from the beginning never opens', async (_what, answer) => {
    const { source, server, group } = await start();
    server.answer = answer;
    await source.start();
    expect(group('finance')).toBe('unavailable');
    expect(source.sources().get('finance')?.trouble).not.toBeNull();
  });

  it('leaves out whoever is nobody under people, and says so once', async () => {
    const { source, server, group, lines, pass } = await start();
    server.answer = {
      json: ['ana', 'ANA@acme.dev', 'email:ana@acme.dev', 'Ana', 'all', 'manager-of:ana', 'teams:t/o'],
    };
    await source.start();
    await pass(5 * MINUTE);
    expect(group('finance')).toEqual(['ana']);
    expect(lines.filter((line) => line.includes('"Ana"'))).toHaveLength(1);
    expect(lines).toHaveLength(4);
  });

  it('holds up no other source while it hangs', async () => {
    const { source, server, group, time } = await start(
      (url) => `groups: { slow: { http: { url: "${url}/slow" } }, fast: { http: { url: "${url}/fast" } } }\n`,
    );
    server.answer = (path) => (path === '/slow' ? 'hang' : { json: ['ana'] });
    const started = source.start();
    await until(() => group('fast') !== 'unavailable');
    expect(group('slow')).toBe('unavailable');
    await started;
    await time.pass(0);
  });

  it('is asked anew at once when the config says another address', async () => {
    const { source, server, group, reload, text } = await start();
    await source.start();
    server.answer = (path) => ({ json: path === '/new' ? ['cy'] : ['ana'] });
    await reload((url) => text(url).replace('/finance"', '/new"'));
    expect(group('finance')).toEqual(['cy']);
    await reload(() => people);
    expect(source.sources().size).toBe(0);
  });

  it('is asked by nobody any more once it is stopped', async () => {
    const { source, server, time } = await start();
    await source.start();
    source.stop();
    await source.refresh();
    await time.pass(60 * MINUTE);
    expect(server.asked).toHaveLength(1);
  });
});

describe('whoever comes and goes', () => {
  it('is told to who wants to know, with the groups around theirs', async () => {
    const { source, server, changes, pass } = await start();
    await source.start();
    expect(changes).toEqual([]);
    server.answer = { json: ['ana', 'cy'] };
    await pass(5 * MINUTE);
    expect(changes).toEqual([{ joined: ['cy'], left: ['ben'], groups: ['finance', 'all'] }]);
    await pass(5 * MINUTE);
    expect(changes).toHaveLength(1);
  });

  it('has not gone while nobody can be asked; afterwards it is compared with what was', async () => {
    const { source, server, changes, pass, group } = await start(
      (url) => `groups: { finance: { http: { url: "${url}/", cache: 10s, staleFor: 5s } } }\n`,
    );
    await source.start();
    failing(server);
    await pass(10_000);
    await pass(10_000);
    expect(group('finance')).toBe('unavailable');
    expect(changes).toEqual([]);
    server.answer = { json: ['ana'] };
    await pass(10_000);
    expect(changes).toEqual([{ joined: [], left: ['ben'], groups: ['finance'] }]);
  });

  it('because the config has changed is told as well', async () => {
    const { source, changes, reload, text } = await start();
    await source.start();
    await reload((url) => `${text(url).trimEnd().slice(0, -1)}${', more: [cy] }'}\n`);
    expect(changes).toEqual([{ joined: ['cy'], left: [], groups: ['more'] }]);
    await reload((url) => text(url).replace(', cy: {}', '').replace(', cy]', ']'));
    expect(changes.at(-1)).toEqual({ joined: [], left: ['cy'], groups: ['all', 'more'] });
  });
});

describe('absences that others tell of', () => {
  it('count before what the config says, from the moment they are known', async () => {
    const { source, setAbsences } = await start(() => '');
    await source.start();
    expect(source.current().people.get('ana')?.away).toEqual([]);
    const before = source.current();
    setAbsences(
      new Map([
        ['ana', [{ from: 0, to: 10, delegate: 'ben' }]],
        ['gone', []],
      ]),
    );
    expect(source.current()).not.toBe(before);
    expect(source.current()).toBe(source.current());
    expect(source.current().people.get('ana')?.away).toEqual([{ from: 0, to: 10, delegate: 'ben' }]);
    expect(source.current().people.has('gone')).toBe(false);
  });
});
