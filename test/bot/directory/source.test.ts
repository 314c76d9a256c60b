import { describe, expect, it } from 'vitest';
import { UnavailableError } from '../../../src/adapters/channel.ts';
import type { PlatformUser } from '../../../src/adapters/chat.ts';
import { createDirectory, NO_ABSENCES } from '../../../src/bot/directory/source.ts';
import { load } from '../config/given.ts';
import { rest, VirtualTime } from '../dispatch-parts.ts';

const MINUTE = 60_000;
const CONFIG = `
people:
  ana: { slack: U0ANA }
  ben: { slack: T0HOME/U0BEN }
  cy: { slack: T0BETA/U0CY }
groups:
  release: { slackUsergroup: S0RELEASE }
  beta: { slackUsergroup: T0BETA/S0BETA }
  everybody: [release, cy]
`;
const home = (...ids: string[]): PlatformUser[] => ids.map((id) => ({ scope: 'T0HOME', id }));

function start(text = CONFIG) {
  const time = new VirtualTime(0);
  const answers = new Map<string, () => Promise<readonly PlatformUser[]>>([
    ['S0RELEASE', async () => home('U0ANA', 'U0BEN')],
    ['T0BETA/S0BETA', async () => [{ scope: 'T0BETA', id: 'U0CY' }]],
  ]);
  const asked: string[] = [];
  const lines: string[] = [];
  const note = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  let config = load(text);
  const source = createDirectory({
    config: () => config,
    absences: () => NO_ABSENCES,
    members: ({ id }) => {
      asked.push(id);
      return answers.get(id)?.() ?? Promise.reject(new UnavailableError('away'));
    },
    directory: () => Promise.reject(new UnavailableError('no answer')),
    isHome: (_platform, team) => team === 'T0HOME',
    clock: time.clock,
    timers: time.timers,
    log: { info: note, warn: note },
  });
  return {
    source,
    time,
    asked,
    lines,
    answers,
    group: (name: string) => source.current().groups.get(name),
    reload: (changed: string) => {
      config = load(changed);
    },
  };
}

describe('a group that Slack keeps', () => {
  it('is unavailable until its members are known', async () => {
    const { source, group } = start();
    expect(group('release')).toBe('unavailable');
    await source.start();
    expect(group('release')).toEqual(['ana', 'ben']);
    expect(group('beta')).toEqual(['cy']);
    expect(group('everybody')).toEqual(['release', 'cy']);
  });

  it('has people by their full ids, and by short ones in the home workspace only', async () => {
    const { source, group, answers, lines } = start();
    answers.set('T0BETA/S0BETA', async () => ['U0ANA', 'U0BEN', 'U0CY'].map((id) => ({ scope: 'T0BETA', id })));
    await source.start();
    expect(group('beta')).toEqual(['cy']);
    await source.refresh();
    expect(lines.filter((line) => line.includes('T0BETA/U0ANA'))).toHaveLength(1);
  });

  it('is asked again every five minutes', async () => {
    const { source, group, time, answers, asked } = start();
    await source.start();
    answers.set('S0RELEASE', async () => home('U0BEN'));
    await time.pass(5 * MINUTE - 1);
    expect(asked).toHaveLength(2);
    await time.pass(1);
    expect(asked).toHaveLength(4);
    expect(group('release')).toEqual(['ben']);
  });

  it('keeps its last members for ten minutes when it can’t be asked, and is unavailable then', async () => {
    const { source, group, time, answers } = start();
    await source.start();
    answers.delete('S0RELEASE');
    await time.pass(10 * MINUTE - 1);
    expect(group('release')).toEqual(['ana', 'ben']);
    expect(group('beta')).toEqual(['cy']);
    await time.pass(1);
    expect(group('release')).toBe('unavailable');
    expect(group('beta')).toEqual(['cy']);
    answers.set('S0RELEASE', async () => home('U0ANA'));
    await time.pass(30_000);
    expect(group('release')).toEqual(['ana']);
  });

  it('counts as unavailable in time even while Slack leaves us without an answer', async () => {
    const { source, group, time, answers } = start();
    await source.start();
    answers.set('S0RELEASE', () => new Promise(() => undefined));
    await time.pass(10 * MINUTE);
    expect(group('release')).toBe('unavailable');
  });

  it('with nobody in it is a group of nobody', async () => {
    const { source, group, answers } = start();
    answers.set('S0RELEASE', async () => []);
    await source.start();
    expect(group('release')).toEqual([]);
  });
});

describe('the directory', () => {
  it('stays one object until something has changed', async () => {
    const { source, reload } = start();
    await source.start();
    const before = source.current();
    expect(source.current()).toBe(before);
    reload(`${CONFIG}  more: [ana]`);
    expect(source.current()).not.toBe(before);
    expect(source.current().groups.get('release')).toEqual(['ana', 'ben']);
  });

  it('is the config’s own where nobody else keeps groups, and asks nobody', async () => {
    const { source, asked, time } = start('people: { ana: {} }');
    await source.start();
    await time.pass(60 * MINUTE);
    expect(asked).toEqual([]);
    expect(time.nextAt).toBeNull();
  });

  it('asks once more for whoever comes while it is asking, and not for each', async () => {
    const { source, asked, answers, group } = start(
      'people: { ana: { slack: U0ANA } }\ngroups: { release: { slackUsergroup: S0RELEASE } }',
    );
    const open: ((users: PlatformUser[]) => void)[] = [];
    answers.set('S0RELEASE', () => new Promise((resolve) => open.push(resolve)));
    const first = source.start();
    const others = [source.refresh(), source.refresh(), source.refresh()];
    open[0]?.([]);
    await first;
    await rest();
    expect(asked).toHaveLength(2);
    open[1]?.(home('U0ANA'));
    await Promise.all(others);
    expect(asked).toHaveLength(2);
    expect(group('release')).toEqual(['ana']);
  });

  it('asks nobody any more once it is stopped', async () => {
    const { source, asked, time } = start();
    await source.start();
    source.stop();
    await source.refresh();
    await time.pass(60 * MINUTE);
    expect(asked).toHaveLength(2);
  });
});
