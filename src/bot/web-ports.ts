/** src/bot/web-ports.ts: what the web pages ask of the process: views, lists, and their actions as commands. */
import type { InboxPage, WebPorts } from '../adapters/web/ports.ts';
import type { PersonId } from '../engine/definition.ts';
import { view } from '../engine/present.ts';
import type { RequestState } from '../engine/request.ts';
import type { RequestView } from '../engine/view.ts';
import type { Store } from '../store/port.ts';
import type { Absences } from './absence/absences.ts';
import { awayPorts } from './absence/web.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/index.ts';
import type { Handler } from './handle.ts';
import { isRequestId } from './ids.ts';
import { PAGE } from './limits.ts';
import { withPart } from './parts.ts';
import type { HousePauses } from './pauses/house-pauses.ts';
import { pausePorts } from './pauses/web.ts';
import { actFor } from './person-actions.ts';
import { gatePorts } from './rehearsal/web.ts';
import { statsPageOf } from './stats/page.ts';
import type { Figures } from './stats/report.ts';
import type { Waiters } from './waiters.ts';

/** What was decided lately, of the newest page of all requests. */
const RECENT = 20;

export interface WebPortsOptions {
  readonly store: Store;
  readonly handler: Handler;
  readonly waiters: Waiters;
  readonly clock: Clock;
  readonly config: () => Config;
  readonly figures: Figures;
  readonly pauses: HousePauses;
  readonly absences: Pick<Absences, 'announce' | 'comeBack' | 'whereabouts'>;
  /** Asked at each use: the port may be the system's choice. */
  readonly publicUrl: () => string;
  readonly secret: string;
  readonly devLogin: boolean;
}

export function webPorts({
  store,
  handler,
  waiters,
  clock,
  config,
  figures,
  pauses,
  absences,
  publicUrl,
  secret,
  devLogin,
}: WebPortsOptions): WebPorts {
  const shown = (states: readonly RequestState[], person: PersonId): RequestView[] =>
    states.map((state) => view(state, { kind: 'person', person }, config().directory, clock()));
  return {
    now: clock,
    get publicUrl() {
      return publicUrl();
    },
    secret,
    devLogin,
    people: () => [...config().directory.people.values()].map(({ id, name, email }) => ({ id, name, email })),
    async view(id, viewer) {
      const state = isRequestId(id) ? await store.load(id) : null;
      return state === null ? null : view(state, viewer, config().directory, clock());
    },
    async inbox(person, { q, after }): Promise<InboxPage> {
      const search = q === undefined ? {} : { q };
      const page = after === undefined ? {} : { after };
      const today = { directory: config().directory, now: clock() };
      const isDecided = ({ status }: RequestState) => status !== 'pending';
      const [waiting, asked, recent] = await Promise.all([
        store.list({ status: 'pending', approver: person, ...search, ...page, limit: PAGE.default }),
        store.list({ status: 'pending', requester: person, ...search, limit: PAGE.default }),
        withPart(store, person, today, { filter: search, wanted: isDecided, size: RECENT, most: PAGE.max }),
      ]);
      return {
        waiting: shown(waiting.requests, person),
        asked: shown(asked.requests, person),
        recent: shown(recent.requests, person),
        next: waiting.next,
      };
    },
    act: (id, action) => actFor(handler, id, action, 'web'),
    stats: (person) => statsPageOf(figures, person, { ...config(), now: clock(), store }),
    gates: gatePorts({ store, clock, config, pauses }),
    pauses: pausePorts({ pauses, config }),
    away: awayPorts({ absences, directory: () => config().directory, clock }),
    subscribe: (id, listener) => waiters.subscribe(id, null, () => listener()),
  };
}
