/** bench/clicker.ts: people who click: signs each click as Slack does, and notes how long its acknowledgement took. */
import { createHmac } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';
import type { Posted } from './slack.ts';
import { CLICK_SECRET } from './traffic.ts';

/** Each person on each message, so many at once. */
export interface Clicks {
  readonly url: string;
  readonly on: readonly Posted[];
  readonly by: readonly string[];
  readonly connections: number;
}

export interface Clicked {
  /** In ascending order. */
  readonly latenciesMs: readonly number[];
  readonly failed: number;
  readonly complaint: string | null;
}

async function click({ url, on, by, connections }: Clicks): Promise<Clicked> {
  const pool = new Pool(url, { connections, pipelining: 1, headersTimeout: 30_000 });
  const left = by.flatMap((user) => on.map((message) => ({ user, message }))).reverse();
  const latenciesMs: number[] = [];
  let failed = 0;
  let complaint: string | null = null;
  const person = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const body = bodyOf(next.user, next.message);
      const headers = signed(body);
      const began = performance.now();
      const answer = await pool.request({ method: 'POST', path: '/slack/events', headers, body });
      const text = await answer.body.text();
      latenciesMs.push(performance.now() - began);
      if (answer.statusCode === 200) continue;
      failed += 1;
      complaint ??= `${answer.statusCode} ${text.slice(0, 300)}`;
    }
  };
  await Promise.all(Array.from({ length: connections }, person));
  await pool.destroy();
  return { latenciesMs: latenciesMs.sort((a, b) => a - b), failed, complaint };
}

let clicks = 0;

function bodyOf(user: string, { channel, ts, button }: Posted): string {
  clicks += 1;
  const action = { type: 'button', ...button, text: { type: 'plain_text', text: 'Approve' }, action_ts: `${clicks}.0` };
  return new URLSearchParams({
    payload: JSON.stringify({
      type: 'block_actions',
      api_app_id: 'A0BENCH',
      team: { id: 'T0BENCH', domain: 'bench' },
      user: { id: user, username: user.toLowerCase(), name: user.toLowerCase(), team_id: 'T0BENCH' },
      container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
      channel: { id: channel, name: 'releases' },
      message: { type: 'message', user: 'U0BOT', ts, text: 'Approval needed' },
      trigger_id: `${clicks}.1.bench`,
      response_url: 'https://hooks.slack.com/actions/T0BENCH/1/bench',
      actions: [action],
    }),
  }).toString();
}

function signed(body: string): Record<string, string> {
  const at = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', CLICK_SECRET).update(`v0:${at}:${body}`).digest('hex');
  return {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': String(at),
    'x-slack-signature': `v0=${signature}`,
  };
}

process.on('message', (question: { readonly click?: Clicks }) => {
  if (question.click === undefined) return;
  click(question.click).then(
    (clicked) => process.send?.({ clicked }),
    (error: unknown) => process.send?.({ broken: String(error) }),
  );
});
process.channel?.ref(); // nothing else keeps it running between questions
process.send?.({ ready: 'clicker' });
