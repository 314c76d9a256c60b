/**
 * bench/serve.ts: the built bot as `npm start` runs it, with a channel that answers at once or, for measurements of
 * the webhook alone, holds its first message so that the outbox only fills.
 */
import { pathToFileURL } from 'node:url';
import type { Channel } from '../src/adapters/channel.ts';

const [entry = '', mode = 'none'] = process.argv.slice(2);
const { startBot }: typeof import('../src/bot/main.ts') = await import(pathToFileURL(entry).href);

const held = (): Promise<never> => new Promise(() => {});
let posted = 0;
const answered = async (): Promise<Readonly<Record<string, string>>> => ({ ts: String(++posted) });
const reply = mode === 'hold' ? held : answered;
const channel: Channel = {
  kind: 'slack',
  minIntervalMs: 0,
  post: reply,
  update: reply,
  find: async () => null,
  notify: reply,
};

const bot = await startBot({ env: process.env, channels: mode === 'none' ? [] : [channel] });
process.once('SIGTERM', () => void bot.stop().then(() => process.exit(0)));
process.send?.({ ready: bot.url });
