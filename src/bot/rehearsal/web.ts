/** src/bot/rehearsal/web.ts: what the web pages are told of gates: their list, simulations, and what comes next. */
import type { GatePorts, GateSummary } from '../../adapters/simulation.ts';
import type { GateDefinition } from '../../engine/definition.ts';
import type { Store } from '../../store/port.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/index.ts';
import { isRequestId } from '../ids.ts';
import type { Routes } from '../outgoing.ts';
import type { HousePauses } from '../pauses/house-pauses.ts';
import { answerForm } from './form.ts';
import { foresee } from './play.ts';
import { timelineOf } from './timeline.ts';

/** Most steps of what comes next; the page says that there are more. */
const NEXT = 20;

export interface GatePortsParts {
  readonly store: Pick<Store, 'load'>;
  readonly clock: Clock;
  readonly config: () => Config;
  readonly pauses: Pick<HousePauses, 'list'>;
}

export function gatePorts({ store, clock, config, pauses }: GatePortsParts): GatePorts {
  return {
    list: () => [...config().gates.values()].filter(({ stages }) => stages.length > 0).map(summaryOf),
    simulate(name, form) {
      const gate = config().gates.get(name);
      if (gate === undefined || gate.stages.length === 0) return null;
      return answerForm(config(), gate, form, clock(), pauses.list(false));
    },
    async next(id) {
      const state = isRequestId(id) ? await store.load(id) : null;
      if (state === null || state.status !== 'pending') return [];
      const { directory } = config();
      // No channel: who is told stands in the sentences.
      const routes: Routes = { channels: new Map(), reachable: new Set(), threaded: new Set(), directory };
      return timelineOf(foresee(state, directory, routes, clock(), null, NEXT), routes);
    },
  };
}

const summaryOf = ({ name, stages, timeoutMs, onTimeout, options }: GateDefinition): GateSummary => ({
  name,
  stages: stages.map((stage) => ({
    name: stage.name,
    when: stage.when,
    asks: [...new Set(stage.rules.flatMap((rule) => rule.approvers))],
  })),
  timeoutMs,
  silence: options.find(({ id }) => id === onTimeout)?.outcome ?? (onTimeout === 'approve' ? 'approved' : 'rejected'),
});
