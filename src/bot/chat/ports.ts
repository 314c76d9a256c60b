/**
 * src/bot/chat/ports.ts: what a chat adapter asks of the process: whom a platform user is, what they may see, what they
 * do. The same for Slack and Teams, so that both say the same.
 */
import type { ChatPorts } from '../../adapters/chat.ts';
import type { Directory } from '../../engine/directory.ts';
import { view } from '../../engine/present.ts';
import type { RequestId } from '../../engine/request.ts';
import type { Store } from '../../store/port.ts';
import type { Absences } from '../absence/absences.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/index.ts';
import { systemTimers, type Timers } from '../dispatch/timers.ts';
import type { Handler } from '../handle.ts';
import { isRequestId } from '../ids.ts';
import { hasPart } from '../parts.ts';
import type { HousePauses } from '../pauses/house-pauses.ts';
import { actFor } from '../person-actions.ts';
import type { Figures } from '../stats/report.ts';
import { interpreter } from './commands.ts';
import { listFor } from './lists.ts';
import { addressOf, type ChatKind, nameOf, personMeant, personOf } from './people.ts';
import { carries } from './surfaces.ts';

export interface ChatPortsOptions {
  readonly kind: ChatKind;
  readonly store: Store;
  readonly handler: Handler;
  readonly clock: Clock;
  /** As it is now: it changes when the config is reloaded. */
  readonly config: () => Pick<Config, 'gates' | 'pipelines' | 'admins' | 'pauseClocks'>;
  /** The newest, with the members of groups that somebody else keeps. */
  readonly directory: () => Directory;
  readonly figures: Figures;
  readonly pauses: HousePauses;
  readonly publicUrl: () => string;
  /** The workspace or tenant that ids without one belong to (`T…`); null while it is not known. */
  readonly home: () => string | null;
  readonly absences: Pick<Absences, 'announce' | 'comeBack' | 'whereabouts'>;
  readonly timers?: Timers;
}

export function chatPorts(options: ChatPortsOptions): ChatPorts {
  const { kind, store, handler, clock, directory, publicUrl, home, timers = systemTimers } = options;
  const link = (id: RequestId): string => `${publicUrl()}/requests/${id}`;
  const today = () => ({ directory: directory(), now: clock() });
  const command = interpreter({ ...options, link });
  return {
    now: clock,
    link,
    personOf: (user, isHome) => personOf(kind, user, isHome, directory()),
    personMeant: (text) => personMeant(text, directory(), home()),
    addressOf: (person) => addressOf(kind, person, directory()),
    nameOf: (person) => nameOf(person, directory()),
    async view(id, viewer) {
      const state = isRequestId(id) ? await store.load(id) : null;
      if (state === null) return null;
      if (viewer.kind === 'person' && !hasPart(state, viewer.person, today())) return null;
      return view(state, viewer, directory(), clock());
    },
    carries: (id, message) => carries(store, kind, timers, id, message),
    list: (person, list, after) => listFor({ store, person, today: today() }, list, after),
    act: (id, action) => actFor(handler, id, action, kind),
    command,
  };
}
