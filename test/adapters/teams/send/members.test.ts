import { describe, expect, it } from 'vitest';
import { RefusedError, UnavailableError } from '../../../../src/adapters/channel.ts';
import { CHAT, OID, TEAM, TENANT } from '../../../fake/teams/world.ts';
import { failureOf, given, NOW } from './given.ts';

const user = (id: string) => ({ scope: TENANT, id });
const MINUTE = 60_000;

describe('the members of a team', () => {
  it('are its people, without guests and strangers', async () => {
    const { members } = await given();
    expect(await members.members(TEAM)).toEqual([OID.ana, OID.ben, OID.cy, OID.mia].map(user));
  });

  it('are not those who have no account', async () => {
    const { teams, members } = await given();
    const anonymous = teams.world.addPerson('44444444-aaaa-4bbb-8ccc-000000000001', 'Anon', { role: 'anonymous' });
    teams.world.place(CHAT).place.members.add(anonymous.objectId);
    expect(await members.members(CHAT)).toEqual([OID.ana, OID.ben].map(user));
  });

  it('are all of them, however many pages that takes', async () => {
    const { teams, members } = await given();
    for (let n = 0; n < 1_200; n++) {
      const id = `55555555-aaaa-4bbb-8ccc-${String(n).padStart(12, '0')}`;
      teams.world.addPerson(id, `Person ${n}`);
      teams.world.place(TEAM).place.members.add(id);
    }
    expect((await members.members(TEAM)).length).toBe(1_204);
    expect(teams.count('pagedMembers')).toBe(3);
  });

  it('are asked for once by all who want to know, and kept for five minutes', async () => {
    let now = NOW;
    const { teams, members } = await given({ clock: () => now });
    await Promise.all([members.members(TEAM), members.members(TEAM)]);
    now += 3 * MINUTE;
    await members.members(TEAM);
    expect(teams.count('pagedMembers')).toBe(1);
    teams.world.place(TEAM).place.members.delete(OID.cy);
    now += 3 * MINUTE;
    expect(await members.members(TEAM)).not.toContainEqual(user(OID.cy));
  });

  it('are asked for again when somebody came or went', async () => {
    const { teams, members } = await given();
    await members.members(TEAM);
    teams.world.place(TEAM).place.members.delete(OID.cy);
    members.invalidate(TEAM);
    expect(await members.members(TEAM)).not.toContainEqual(user(OID.cy));
  });

  it('are nobody’s guess when Teams cannot say and what is known is old', async () => {
    let now = NOW;
    const { teams, members } = await given({ clock: () => now });
    await members.members(TEAM);
    now += 6 * MINUTE;
    teams.trouble = ({ operation }) => (operation === 'pagedMembers' ? { kind: 'status', status: 503 } : null);
    expect(await failureOf(members.members(TEAM))).toBeInstanceOf(UnavailableError);
  });

  it('are not half of them when a page is missing', async () => {
    const { teams, members } = await given();
    for (let n = 0; n < 600; n++) {
      const id = `55555555-aaaa-4bbb-8ccc-${String(n).padStart(12, '0')}`;
      teams.world.addPerson(id, `Person ${n}`);
      teams.world.place(TEAM).place.members.add(id);
    }
    let pages = 0;
    teams.trouble = ({ operation }) =>
      operation === 'pagedMembers' && ++pages === 2 ? { kind: 'status', status: 502 } : null;
    expect(await failureOf(members.members(TEAM))).toBeInstanceOf(UnavailableError);
    expect((await members.members(TEAM)).length).toBe(604);
  });

  it.each([
    ['a team where the bot is not', TEAM, 'add the app'],
    ['a team that is not there', '19:nowhere@thread.tacv2', 'check its id'],
    ['something that is no team’s id', 'f3ec8cd2-e704-4344-8c47-9a3a21d683c0', '19:'],
  ])('are refused for %s, in words', async (_, id, words) => {
    const { teams, members } = await given();
    for (const place of teams.world.places.values()) place.hasApp = false;
    const failure = await failureOf(members.members(id));
    expect(failure).toBeInstanceOf(RefusedError);
    expect(failure.message).toContain(words);
  });
});
