/**
 * bench/presser.ts: people who press buttons on cards in Teams. A process of its own: where the local Teams, which takes
 * the cards that are brought up to date meanwhile, held the watch as well, its own work counted as ours.
 */
import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';
import { TEAMS, teamsActivity } from './traffic.ts';

/** A card in a channel, and the request that it is about. */
export interface Card {
  readonly conversation: string;
  readonly activity: string;
  readonly request: string;
}

/** Each person on each of the cards, so many at once. */
export interface Press {
  readonly url: string;
  readonly connections: number;
  /** Whether those connections are there before the first click, as Teams' service and proxies keep theirs. */
  readonly areOpen: boolean;
  readonly cards: readonly Card[];
  readonly token: string;
  /** Where Teams is answered. */
  readonly serviceUrl: string;
}

export interface Pressed {
  /** In ascending order. */
  readonly latenciesMs: readonly number[];
  readonly complaint: string | null;
}

async function press({ url, connections, areOpen, cards, token, serviceUrl }: Press): Promise<Pressed> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const pool = new Pool(url, { connections, pipelining: 1 });
  const opening = Array.from({ length: areOpen ? connections : 0 }, () =>
    pool.request({ method: 'GET', path: '/healthz' }),
  );
  for (const { body } of await Promise.all(opening)) await body.dump();
  const left = TEAMS.people.flatMap((objectId) => cards.map((card) => ({ objectId, card }))).reverse();
  const latenciesMs: number[] = [];
  let complaint: string | null = null;
  const person = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const { objectId, card } = next;
      const { conversation, activity, request } = card;
      const action = { type: 'Action.Execute', verb: 'vote', data: { k: `vote|${request}|1|||approve` } };
      const click = {
        ...teamsActivity(`${request}-${objectId}`, serviceUrl, objectId, `${conversation};messageid=${activity}`),
        type: 'invoke',
        name: 'adaptiveCard/action',
        replyToId: activity,
        value: { action, trigger: 'manual' },
      };
      const body = JSON.stringify(click);
      const began = performance.now();
      const said = await pool.request({ method: 'POST', path: '/api/messages', headers, body });
      const text = await said.body.text();
      latenciesMs.push(performance.now() - began);
      if (said.statusCode !== 200 || !text.includes('"statusCode":200'))
        complaint ??= `${said.statusCode} ${text.slice(0, 300)}`;
    }
  };
  await Promise.all(Array.from({ length: connections }, person));
  await pool.destroy();
  return { latenciesMs: latenciesMs.sort((a, b) => a - b), complaint };
}

process.on('message', (question: { readonly press?: Press }) => {
  if (question.press === undefined) return;
  press(question.press).then(
    (pressed) => process.send?.({ pressed }),
    (error: unknown) => process.send?.({ broken: String(error) }),
  );
});
process.channel?.ref(); // nothing else keeps it running between questions
process.send?.({ ready: 'presser' });
