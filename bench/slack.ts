/**
 * bench/slack.ts: Slack's Web API as far as a click needs it, answered at once: who the bot is, posts and updates. Tells
 * what was posted into channels, with the buttons on it.
 */
import { createServer } from 'node:http';

/** A message with a button, as somebody sees it. */
export interface Posted {
  readonly channel: string;
  readonly ts: string;
  /** The first button's: what a click sends back. */
  readonly button: { readonly action_id: string; readonly block_id: string; readonly value: string };
}

interface Block {
  readonly type: string;
  readonly block_id?: string;
  readonly elements?: readonly { readonly type: string; readonly action_id?: string; readonly value?: string }[];
}

const AUTH = { team: 'Bench', team_id: 'T0BENCH', user: 'countersign', user_id: 'U0BOT', bot_id: 'B0BOT' };

let posted: Posted[] = [];
let count = 0;

function answer(method: string, form: URLSearchParams): object {
  switch (method) {
    case 'auth.test':
      return { url: 'https://bench.slack.com/', ...AUTH };
    case 'bots.info':
      return { bot: { id: AUTH.bot_id, app_id: 'A0BENCH' } };
    case 'chat.postMessage': {
      const channel = form.get('channel') ?? '';
      const ts = `${Math.floor(Date.now() / 1000)}.${String(++count).padStart(6, '0')}`;
      const blocks: readonly Block[] = JSON.parse(form.get('blocks') ?? '[]');
      const actions = blocks.find(({ type }) => type === 'actions');
      const [first] = actions?.elements ?? [];
      if (channel.startsWith('C') && form.get('thread_ts') === null && first?.value !== undefined)
        posted.push({
          channel,
          ts,
          button: { action_id: first.action_id ?? '', block_id: actions?.block_id ?? '', value: first.value },
        });
      return { channel, ts, message: { ts } };
    }
    case 'chat.update':
      return { channel: form.get('channel'), ts: form.get('ts') };
    default:
      return {};
  }
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const method = (request.url ?? '').replace(/^\/api\//, '').replace(/\?.*$/, '');
    const body = answer(method, new URLSearchParams(Buffer.concat(chunks).toString()));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ok: true, ...body }));
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.({ ready: `http://127.0.0.1:${address?.port}` });
});
process.on('message', (question: { readonly posted?: number }) => {
  if (question.posted === undefined) return;
  const wanted = question.posted;
  const look = (): void => {
    if (posted.length < wanted) return void setTimeout(look, 50);
    process.send?.({ posted });
    posted = [];
  };
  look();
});
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
