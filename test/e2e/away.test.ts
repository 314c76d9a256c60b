/**
 * test/e2e/away.test.ts: the whole bot and a local Slack while people come and go: who is asked, what they are told, and
 * whose vote it is.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { calendar, event } from '../adapters/ics/calendars.ts';
import { eventually, handClock, startTestBot, type TestBot } from '../bot/bot.ts';
import { controlOf, controlsOf } from '../fake/slack/controls.ts';
import { type People, peopleOf, SIGNING_SECRET } from '../fake/slack/people.ts';
import { type FakeSlack, startSlack } from '../fake/slack/server.ts';
import type { FakeMessage } from '../fake/slack/world.ts';

const CONFIG = `
people:
  ana: { name: Ana Silva, slack: U0ANA, timezone: Europe/Lisbon }
  ben: { name: Ben Okoye, slack: U0BEN }
  cy:  { name: Cy Tan, slack: U0CY }
  mia: { name: Mia Chen, slack: U0MIA }
channels:
  releases: { slack: C0RELEASES }
pipelines:
  ci: { token: "\${CI_TOKEN}", gates: ["*"], may: [vote] }
gates:
  deploy: { title: "Deploy \${context.service}", notify: [releases], approvers: [ana], timeout: 30d }
  both: { title: "Both \${context.service}", notify: [releases], approvers: [ana, cy], quorum: 2, timeout: 30d }
`;

const HOUR = 3_600_000;

interface Played {
  readonly slack: FakeSlack;
  readonly bot: TestBot;
  readonly people: People;
  readonly clock: ReturnType<typeof handClock>;
}

/** @param start now, unless a test needs no signed call: Slack's signatures say when they were made */
async function play(config: string = CONFIG, start: number = Date.now()): Promise<Played> {
  const slack = await startSlack();
  onTestFinished(() => slack.close());
  const clock = handClock(start);
  const bot = await startTestBot({
    config,
    wall: clock.wall,
    env: {
      SLACK_BOT_TOKEN: slack.workspace().token,
      SLACK_SIGNING_SECRET: SIGNING_SECRET,
      SLACK_API_URL: slack.apiUrl,
    },
  });
  onTestFinished(() => bot.end());
  return { slack, bot, people: peopleOf({ slack, url: bot.url }), clock };
}

const textOf = (message: unknown): string => JSON.stringify(message);
const messagesIn = (slack: FakeSlack, channel: string, id: string): readonly FakeMessage[] =>
  slack.messages(channel).filter((message) => textOf(message).includes(id));
const approversOf = async (bot: TestBot, id: string): Promise<readonly string[]> =>
  (await bot.read(id)).stages[0].rules[0].approvers;
const asks = (bot: TestBot, id: string, who: string): Promise<true> =>
  eventually(async () => (await approversOf(bot, id)).join() === who || null, `${who} to be asked`);
const said = (slack: FakeSlack, user: string): string =>
  textOf([
    slack.state.ephemerals.filter((one) => one.user === user),
    slack.state.responses.filter((one) => one.user === user),
  ]);

describe('somebody who goes away in Slack', () => {
  it('is stood in for at once by whoever they name, who is told why and votes for them; they stay informed', async () => {
    const { slack, bot, people } = await play();
    const { id } = await bot.opened({ gate: 'both', context: { service: 'billing' } });
    await eventually(() => messagesIn(slack, 'D0ANA', id).length > 0, 'Ana to be asked');
    await people.slash('U0ANA', 'away until friday to <@U0BEN>');
    await eventually(() => said(slack, 'U0ANA').includes('the end of Friday'), 'the answer');
    expect(said(slack, 'U0ANA')).toContain('(Europe/Lisbon time). Ben Okoye is asked in your place');
    await asks(bot, id, 'ben,cy');
    const toBen = await eventually(() => messagesIn(slack, 'D0BEN', id).at(0), 'Ben to be asked');
    expect(textOf(toBen.blocks)).toContain('You are asked for Ana Silva, who is away until');
    const isInformed = () =>
      messagesIn(slack, 'D0ANA', id).some(({ text }) =>
        /is asked of Ben Okoye in your place while you are away/.test(text),
      );
    await eventually(isInformed, 'Ana to be informed');
    await people.click('U0BEN', toBen, controlOf(toBen, /approve/i));
    expect(await bot.read(id)).toMatchObject({
      status: 'pending',
      votes: [{ person: 'ben', onBehalfOf: 'ana', via: 'slack' }],
    });
    expect(
      bot.lines().filter((line) => /"person":"ana","by":"ana","via":"slack".*"msg":"away"/.test(line)),
    ).toHaveLength(1);
  });

  it('may vote again as soon as they are back, and the stand-in no more', async () => {
    const { slack, bot, people } = await play();
    const { id } = await bot.opened({ gate: 'deploy', context: { service: 'billing' } });
    await people.slash('U0ANA', 'away until friday to ben');
    await asks(bot, id, 'ben');
    await people.slash('U0ANA', 'back');
    await asks(bot, id, 'ana');
    const message = await eventually(() => messagesIn(slack, 'C0RELEASES', id).at(0), 'the message in the channel');
    await people.click('U0BEN', message, controlOf(message, /approve/i));
    expect(await bot.read(id)).toMatchObject({ status: 'pending', votes: [] });
    await people.click('U0ANA', message, controlOf(message, /approve/i));
    expect(await bot.read(id)).toMatchObject({ status: 'approved', votes: [{ person: 'ana' }] });
    await eventually(() => controlsOf(message).every(({ label }) => !/approve/i.test(label)), 'the buttons to go');
  });

  it('comes back by themselves when the time is over, and a restart forgets nothing of it', async () => {
    const { bot, people, clock } = await play();
    const { id } = await bot.opened({ gate: 'deploy', context: { service: 'billing' } });
    await people.slash('U0ANA', 'away until friday to ben');
    await asks(bot, id, 'ben');
    await bot.stop();
    const again = await startTestBot({ config: CONFIG, wall: clock.wall, folder: bot.folder });
    onTestFinished(() => again.stop());
    const other = await again.opened({ gate: 'deploy', context: { service: 'shop' } });
    expect(await approversOf(again, other.id)).toEqual(['ben']);
    clock.advance(9 * 24 * HOUR);
    await again.tick();
    await asks(again, id, 'ana');
    await asks(again, other.id, 'ana');
    expect((await again.trail(id)).filter(({ type }: { type: string }) => type === 'approversChanged')).toHaveLength(2);
  });

  it('that was over while the bot was down is noticed at the start', async () => {
    const { bot, people, clock } = await play();
    const { id } = await bot.opened({ gate: 'deploy', context: { service: 'billing' } });
    await people.slash('U0ANA', 'away until friday to ben');
    await asks(bot, id, 'ben');
    await bot.stop();
    clock.advance(9 * 24 * HOUR);
    const again = await startTestBot({ config: CONFIG, wall: clock.wall, folder: bot.folder });
    onTestFinished(() => again.stop());
    await again.tick();
    await asks(again, id, 'ana');
  });

  it('never is stood in for by whoever asked', async () => {
    const { bot, people } = await play();
    const { id } = await bot.opened({ gate: 'deploy', context: { service: 'billing' }, requester: 'ben' });
    await people.slash('U0ANA', 'away until friday to ben');
    await bot.tick();
    expect(await approversOf(bot, id)).toEqual(['ana']);
    expect((await bot.vote(id, 'ben')).status).toBe(403);
  });

  it('hands on along a chain; in a circle each keeps their own part', async () => {
    const chain = CONFIG.replace(
      'slack: U0BEN',
      'slack: U0BEN, away: { from: 2020-01-01, to: 2099-01-01, delegate: mia }',
    );
    const { bot, people } = await play(chain);
    const { id } = await bot.opened({ gate: 'deploy', context: { service: 'billing' } });
    await people.slash('U0ANA', 'away until friday to ben');
    await asks(bot, id, 'mia');
    bot.writeConfig(chain.replace('delegate: mia', 'delegate: ana'));
    bot.reload();
    await asks(bot, id, 'ana');
  });
});

async function feed(answer: () => string): Promise<{ readonly url: string; readonly asked: () => number }> {
  let asked = 0;
  const server: Server = createServer((_request, response) => {
    asked++;
    response.setHeader('content-type', 'text/calendar').end(answer());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port }: AddressInfo = Object.assign({ port: 0, family: '', address: '' }, server.address());
  return { url: `http://127.0.0.1:${port}/secret-address-of-ana/basic.ics`, asked: () => asked };
}

describe('somebody whose calendar says that they are away', () => {
  const OFF = calendar(event('SUMMARY:Out of office', 'DTSTART;VALUE=DATE:20260303', 'DTEND;VALUE=DATE:20260305'));

  it('is stood in for by the delegate of the config for as long as it says', async () => {
    const { url } = await feed(() => OFF);
    const config = CONFIG.replace(
      'timezone: Europe/Lisbon',
      `timezone: Europe/Lisbon, delegate: ben, calendar: "${url}"`,
    );
    const { bot, clock } = await play(config, Date.parse('2026-03-02T09:00:00Z'));
    const { id } = await bot.opened({ gate: 'deploy', context: { service: 'billing' } });
    expect(await approversOf(bot, id)).toEqual(['ana']);
    clock.advance(24 * HOUR);
    await eventually(async () => {
      await bot.tick();
      return (await approversOf(bot, id)).join() === 'ben' || null;
    }, 'Ben to be asked');
    clock.advance(48 * HOUR);
    await bot.tick();
    await asks(bot, id, 'ana');
    expect(bot.lines().join('\n')).not.toContain('secret-address-of-ana');
  });

  it.each([
    ['a web page', '<!doctype html><title>Sign in</title>', /a web page and no calendar/],
    ['50 MB', OFF.padEnd(50_000_000, 'x'), /larger than 5 MiB/],
  ])(
    'counts as here where it answers %s, and /readyz and the log say so without the address',
    async (_what, answer, words) => {
      const { url } = await feed(() => answer);
      const config = CONFIG.replace(
        'timezone: Europe/Lisbon',
        `timezone: Europe/Lisbon, delegate: ben, calendar: "${url}"`,
      );
      const { bot } = await play(config);
      const ready = await eventually(async () => {
        const { json } = await bot.call('GET', '/readyz');
        return json.calendars?.ana === undefined || json.calendars.ana === 'ok' ? null : json;
      }, 'the trouble to be known');
      expect(ready.status).toBe('ready');
      expect(ready.calendars.ana).toMatch(words);
      const { id } = await bot.opened({ gate: 'deploy', context: { service: 'billing' } });
      expect(await approversOf(bot, id)).toEqual(['ana']);
      expect(bot.lines().filter((line) => words.test(line))).toHaveLength(1);
      expect(bot.lines().join('\n')).not.toContain('secret-address-of-ana');
    },
  );
});
