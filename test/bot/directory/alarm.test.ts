import { describe, expect, it } from 'vitest';
import { type Channel, RefusedError, type Telling, UnavailableError } from '../../../src/adapters/channel.ts';
import { createAlarm } from '../../../src/bot/directory/alarm.ts';
import type { SourceState } from '../../../src/bot/directory/source.ts';
import { load } from '../config/given.ts';
import { rest, VirtualTime } from '../dispatch-parts.ts';

const HOUR = 3_600_000;
const CONFIG = `
admins: [mia]
people:
  ana: { slack: U0ANA, teams: 6f1c }
  ben: { teams: 7a2d }
  mia: { slack: U0MIA }
groups:
  oncall: { http: { url: "https://pd.acme.dev/oncalls" } }
  other: { http: { url: "https://pd.acme.dev/other" } }
  night: [oncall]
gates:
  deploy: { approvers: [night], owners: [ana] }
  pay: { approvers: ["manager-of:oncall", ana], owners: [ana, ben] }
  drop: { approvers: [ana], bypass: { by: [oncall] } }
  free: { approvers: [ana] }
`;

function talking(kind: string) {
  const said: { readonly to: string; readonly text: string; readonly key: string }[] = [];
  const troubles: unknown[] = [];
  const nothing = () => Promise.reject(new Error('it only tells'));
  const channel: Channel = {
    kind,
    minIntervalMs: 0,
    post: nothing,
    update: nothing,
    find: nothing,
    notify: nothing,
    tell({ key, to, text }: Telling) {
      const trouble = troubles.shift();
      if (trouble !== undefined) return Promise.reject(trouble);
      said.push({ to: to.id, text, key });
      return Promise.resolve({});
    },
  };
  return { channel, said, troubles };
}

function start(text = CONFIG, kept = new Map<string, string>()) {
  const time = new VirtualTime(Date.parse('2026-02-01T00:00:00Z'));
  const config = load(text);
  const [slack, teams] = [talking('slack'), talking('teams')];
  const states = new Map<string, SourceState>();
  const lines: string[] = [];
  const note = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const alarm = createAlarm({
    sources: () => states,
    config: () => config,
    channels: new Map([slack, teams].map(({ channel }) => [channel.kind, channel])),
    store: {
      recall: async (name) => kept.get(name) ?? null,
      remember: async (name, value) => void (value === null ? kept.delete(name) : kept.set(name, value)),
    },
    clock: time.clock,
    timers: time.timers,
    log: { error: note('error'), warn: note('warn'), info: note('info') },
  });
  const is = async (group: string, trouble: string | null, wasAsked = true) => {
    const source = config.sources.get(group);
    if (source === undefined) throw new Error(`no source ${group}`);
    states.set(group, { source, isUp: trouble === null, trouble, wasAsked });
    await alarm.look();
    await rest();
  };
  return { alarm, time, slack, teams, lines, kept, is };
}
const addressees = ({ said }: ReturnType<typeof talking>) => said.map(({ to }) => to);

describe('when a group becomes unavailable', () => {
  it('whoever looks after the gates that ask it is told what that means, and the log', async () => {
    const { slack, teams, lines, is } = start();
    await is('oncall', 'answered 500');
    expect(addressees(slack)).toEqual(['U0ANA', 'U0MIA']); // mia for the gate that nobody else looks after
    expect(addressees(teams)).toEqual(['7a2d']);
    expect(slack.said[0]?.text).toBe(
      'Who is in the group “oncall” can’t be found out (answered 500). Until it can, nobody is counted as one of them, and gates that ask it open no new requests: deploy, pay, drop.',
    );
    expect(lines.filter((line) => line.startsWith('error a group is unavailable'))).toHaveLength(1);
  });

  it('it is said again each day while it stays so, and once when it is over', async () => {
    const { slack, teams, time, is } = start();
    await is('oncall', 'no answer');
    for (let hour = 1; hour < 24; hour++) {
      time.now += HOUR;
      await is('oncall', 'no answer');
    }
    expect(teams.said).toHaveLength(1);
    time.now += HOUR;
    await is('oncall', 'answered 503');
    expect(teams.said).toHaveLength(2);
    expect(teams.said[1]?.text).toContain('can’t be found out since 2026-02-01 00:00 UTC (answered 503)');
    time.now += HOUR;
    await is('oncall', null);
    await is('oncall', null);
    expect(teams.said).toHaveLength(3);
    expect(teams.said[2]?.text).toBe('The group “oncall” can be asked again. These gates go on: deploy, pay, drop.');
    time.now += HOUR;
    await is('oncall', 'no answer');
    expect(teams.said).toHaveLength(4);
    expect(new Set(slack.said.map(({ key }) => key)).size).toBe(slack.said.length);
  });

  it('a restart says nothing twice', async () => {
    const first = start();
    await first.is('oncall', 'no answer');
    const second = start(CONFIG, first.kept);
    await second.is('oncall', 'no answer');
    expect(second.slack.said).toEqual([]);
    await second.is('oncall', null);
    expect(addressees(second.teams)).toEqual(['7a2d']);
    expect(first.kept.size).toBe(0);
  });

  it('nothing is said of one that was not asked yet, and of one that is well', async () => {
    const { slack, is, lines } = start();
    await is('oncall', 'not asked yet', false);
    await is('oncall', null);
    expect(slack.said).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('nobody is told where no gate asks it or nobody looks after the gates: the log says it', async () => {
    const { slack, is, lines } = start();
    await is('other', 'no answer');
    expect(slack.said).toEqual([]);
    expect(lines.at(-1)).toContain('nobody looks after these gates');
    const alone = start(CONFIG.replace('admins: [mia]', '').replaceAll(/, owners: \[[^\]]*\]/g, ''));
    await alone.is('oncall', 'no answer');
    expect(alone.lines.at(-1)).toContain('"deploy","pay","drop"');
  });

  it('owners who are the very group that can’t be asked leave it to the admins', async () => {
    const { slack, is } = start(
      CONFIG.replace('owners: [ana] }', 'owners: [oncall] }').replace('owners: [ana, ben]', 'owners: [night]'),
    );
    await is('oncall', 'no answer');
    expect(addressees(slack)).toEqual(['U0MIA']);
  });
});

describe('telling somebody', () => {
  it('is tried again with longer pauses, and given up in the end', async () => {
    const { teams, time, is, lines } = start();
    teams.troubles.push(...Array.from({ length: 4 }, () => new UnavailableError('away')));
    await is('oncall', 'no answer');
    expect(teams.said).toEqual([]);
    await time.pass(5_000 + 30_000 + 120_000);
    expect(teams.said).toEqual([]);
    await time.pass(600_000);
    expect(addressees(teams)).toEqual(['7a2d']);
    teams.troubles.push(...Array.from({ length: 9 }, () => new UnavailableError('away')));
    await is('oncall', null);
    await time.pass(HOUR);
    expect(teams.said).toHaveLength(1);
    expect(lines.at(-1)).toContain('could not be told');
    expect(time.nextAt).toBeNull();
  });

  it('goes another way where a platform refuses, and is not tried again where all do', async () => {
    const { slack, teams, time, is, lines } = start();
    slack.troubles.push(new RefusedError('not_in_workspace'));
    teams.troubles.push(undefined, new RefusedError('blocked')); // ben is told first
    await is('oncall', 'no answer');
    // ana's Slack was refused and her Teams too; ben and mia were told
    expect([...addressees(slack), ...addressees(teams)].sort()).toEqual(['7a2d', 'U0MIA']);
    await time.pass(HOUR);
    expect(lines.filter((line) => line.includes('could not be told'))).toHaveLength(1);
  });

  it('ends when the bot stops', async () => {
    const { alarm, teams, time, is } = start();
    teams.troubles.push(new UnavailableError('away'));
    await is('oncall', 'no answer');
    alarm.stop();
    await time.pass(HOUR);
    expect(teams.said).toEqual([]);
  });

  it('does not stop at a store that fails', async () => {
    const { is, lines } = start(CONFIG, Object.assign(new Map<string, string>(), { get: () => '{broken' }));
    await is('oncall', 'no answer');
    expect(lines.at(-1)).toContain('the alarm can’t be kept');
  });
});
