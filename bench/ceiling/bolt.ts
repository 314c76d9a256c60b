/**
 * bench/ceiling/bolt.ts: Bolt by itself, as its own documentation sets it up: its HTTP receiver, its check of the
 * signature, one listener that acknowledges at once. Nothing is decided or written: what a click costs more with us is
 * the decision and its commit, and what Bolt costs of it is this.
 */
import { App, HTTPReceiver } from '@slack/bolt';
import { CLICK_SECRET } from '../traffic.ts';

const receiver = new HTTPReceiver({ signingSecret: CLICK_SECRET });
const app = new App({
  receiver,
  token: 'xoxb-bench',
  botId: 'B0BOT',
  botUserId: 'U0BOT',
  convoStore: false,
});
app.action(/^/, ({ ack }) => ack());
const server = await app.start({ port: 0, host: '127.0.0.1' });
const address = server.address();
if (typeof address === 'object') process.send?.({ ready: `http://127.0.0.1:${address?.port}` });
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
