import { describe, expect, it } from 'vitest';
import { RefusedError, UnavailableError } from '../../../../src/adapters/channel.ts';
import { createUsergroups } from '../../../../src/adapters/slack/send/usergroups.ts';
import { failureOf, given, NOW } from './given.ts';

const ANA_AND_BEN = [
  { scope: 'T0ACME', id: 'U0ANA' },
  { scope: 'T0ACME', id: 'U0BEN' },
];

async function groups() {
  let now = NOW;
  const { slack, workspaces, log, lines } = await given({
    fake: { workspaces: [{}, { team: 'T0OTHER', token: 'o' }] },
  });
  const source = createUsergroups(workspaces, { log, clock: () => now });
  const pass = (ms: number) => {
    now += ms;
  };
  return { slack, source, pass, lines };
}

describe('the members of a Slack user group', () => {
  it('are asked for once by all who want to know, and count for five minutes', async () => {
    const { slack, source, pass } = await groups();
    const asked = await Promise.all([source.members('S0RELEASE'), source.members('S0RELEASE')]);
    expect(asked).toEqual([ANA_AND_BEN, ANA_AND_BEN]);
    pass(3 * 60_000);
    expect(await source.members('S0RELEASE')).toEqual(ANA_AND_BEN);
    expect(slack.count('usergroups.users.list')).toBe(1);
  });

  it('are asked for again before that is over, without anybody waiting', async () => {
    const { slack, source, pass } = await groups();
    await source.members('S0RELEASE');
    slack.workspace().usergroups.set('S0RELEASE', ['U0MIA']);
    pass(4.5 * 60_000);
    expect(await source.members('S0RELEASE')).toEqual(ANA_AND_BEN);
    while ((await source.members('S0RELEASE')).length === 2) await new Promise(setImmediate);
    expect(await source.members('S0RELEASE')).toEqual([{ scope: 'T0ACME', id: 'U0MIA' }]);
    expect(slack.count('usergroups.users.list')).toBe(2);
  });

  it('are not known any more when Slack could not be asked for too long', async () => {
    const { slack, source, pass, lines } = await groups();
    await source.members('S0RELEASE');
    slack.trouble = () => ({ kind: 'status', status: 500 });
    pass(4.5 * 60_000);
    expect(await source.members('S0RELEASE')).toEqual(ANA_AND_BEN);
    while (lines.every(({ level }) => level !== 'warn')) await new Promise(setImmediate);
    pass(60_000);
    expect(await failureOf(source.members('S0RELEASE'))).toBeInstanceOf(UnavailableError);
  });

  it('do not count any more once Slack says that they changed, an answer under way included', async () => {
    const { slack, source } = await groups();
    const before = source.members('S0RELEASE');
    while (slack.count('usergroups.users.list') === 0) await new Promise(setImmediate);
    slack.workspace().usergroups.set('S0RELEASE', ['U0MIA']);
    source.invalidate('T0ACME', 'S0RELEASE');
    await before;
    expect(await source.members('S0RELEASE')).toEqual([{ scope: 'T0ACME', id: 'U0MIA' }]);
    source.invalidate('T0OTHER', 'S0RELEASE');
    await source.members('S0RELEASE');
    expect(slack.count('usergroups.users.list')).toBe(2);
  });

  it('are those of the workspace that the id names', async () => {
    const { slack, source } = await groups();
    slack.workspace('T0OTHER').usergroups.set('S0RELEASE', ['U0CY']);
    expect(await source.members('T0OTHER/S0RELEASE')).toEqual([{ scope: 'T0OTHER', id: 'U0CY' }]);
    expect(await source.members('T0ACME/S0RELEASE')).toEqual(ANA_AND_BEN);
  });

  it('of a group that is not there, or without the right to ask, are refused in words', async () => {
    const { slack, source } = await groups();
    const unknown = await failureOf(source.members('S0GONE'));
    expect(unknown).toBeInstanceOf(RefusedError);
    expect(unknown.message).toBe('Slack knows no user group S0GONE: check the id under groups');
    slack.workspace().scopes.delete('usergroups:read');
    expect((await failureOf(source.members('S0RELEASE'))).message).toContain('lacks the Slack scope usergroups:read');
  });
});
