/**
 * src/bot/absence/handovers.ts: requests that wait for somebody follow at once when that person goes away or comes back,
 * when their stand-in does, and when people join or leave a group. Each is told to resolve its approvers anew, which
 * changes nothing where nothing has changed; so every replica may do it, and again after a restart.
 */
import type { Instant, PersonId } from '../../engine/definition.ts';
import { type Directory, everybodyIn, standIn } from '../../engine/directory.ts';
import type { RequestId, RequestState } from '../../engine/request.ts';
import { type Store, StoreUnavailableError } from '../../store/port.ts';
import type { GroupChanges } from '../directory/changes.ts';
import type { Handler } from '../handle.ts';
import { PAGE } from '../limits.ts';
import { RESOLVED_A_TURN, RESOLVED_AT_START } from './limits.ts';

export interface HandoverLog {
  error(fields: object, message: string): void;
}

export interface HandoverParts {
  readonly store: Pick<Store, 'list'>;
  readonly handler: Pick<Handler, 'change'>;
  readonly directory: () => Directory;
  readonly clock: () => Instant;
  readonly log: HandoverLog;
}

export interface Handovers {
  /** Every pending request, the newest first and within its bound: after a start, and after the config was read again. */
  everything(): void;
  groupsChanged(changes: GroupChanges): void;
  /** Notices whose stand-in has changed, and goes on with what is left, a bounded part of it. Rejects where the store is away. */
  turn(): Promise<void>;
  /** Nothing is begun any more. */
  stop(): Promise<void>;
}

interface Job {
  /** null: everything pending. */
  readonly approver: PersonId | null;
  after: RequestId | undefined;
  looked: number;
}

export function createHandovers({ store, handler, directory, clock, log }: HandoverParts): Handovers {
  /** By the approver; a new reason to look starts it from the beginning. */
  const jobs = new Map<PersonId | null, Job>();
  let seen: { readonly directory: Directory; readonly until: Instant; readonly standIns: StandIns } | null = null;
  let running: Promise<void> | null = null;
  let isStopped = false;

  function add(approver: PersonId | null): void {
    jobs.delete(approver);
    jobs.set(approver, { approver, after: undefined, looked: 0 });
  }

  /** Those who were asked until now, wherever the part of somebody goes another way now. */
  function notice(): void {
    const now = clock();
    const current = directory();
    if (seen !== null && seen.directory === current && now < seen.until) return;
    const standIns = standInsOf(current, now);
    const before: StandIns = seen?.standIns ?? standIns;
    for (const person of new Set([...before.keys(), ...standIns.keys()]))
      if (before.get(person) !== standIns.get(person)) add(before.get(person) ?? person);
    seen = { directory: current, until: nextEdge(current, now), standIns };
  }

  async function work(): Promise<void> {
    let left = RESOLVED_A_TURN;
    // Somebody who has just gone away does not wait for the long look after a start.
    const urgent = [...jobs.values()].sort((a, b) => Number(a.approver === null) - Number(b.approver === null));
    for (const job of urgent) {
      while (left > 0 && !isStopped && jobs.get(job.approver) === job) {
        const { approver, after } = job;
        const page = await store.list({
          status: 'pending',
          limit: Math.min(left, PAGE.max),
          ...(approver !== null && { approver }),
          ...(after !== undefined && { after }),
        });
        await Promise.all(page.requests.map(resolveAnew));
        left -= Math.max(1, page.requests.length);
        job.looked += page.requests.length;
        job.after = page.next ?? undefined;
        if (page.next !== null && (approver !== null || job.looked < RESOLVED_AT_START)) continue;
        if (jobs.get(approver) === job) jobs.delete(approver);
      }
    }
  }

  /** One that can't be decided is reported and left; the others go on. Where the store is away, all wait for the next turn. */
  async function resolveAnew({ content: { id } }: RequestState): Promise<void> {
    try {
      await handler.change(id, (newest) => ({ type: 'resolveApprovers', directory: newest }));
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      log.error({ request: id, err: error }, 'the approvers of a request could not be resolved anew');
    }
  }

  return {
    everything: () => add(null),
    groupsChanged({ groups, left }) {
      // Newcomers are asked where the others of their group are.
      const members = groups.flatMap((name) => [...(everybodyIn([name], directory()) ?? [])]);
      for (const person of new Set([...left, ...members])) add(seen?.standIns.get(person) ?? person);
    },
    turn() {
      if (isStopped) return Promise.resolve();
      notice();
      running ??= work().finally(() => {
        running = null;
      });
      return running;
    },
    async stop() {
      isStopped = true;
      await running?.catch(() => undefined); // told to whoever asked for the turn
    },
  };
}

export type StandIns = ReadonlyMap<PersonId, PersonId>;

/** Of those who are away and for whom somebody stands in. */
export function standInsOf(directory: Directory, now: Instant): StandIns {
  const found = new Map<PersonId, PersonId>();
  for (const { id, away } of directory.people.values()) {
    const other = away.length === 0 ? null : standIn(id, directory, { exclude: null, now });
    if (other !== null) found.set(id, other);
  }
  return found;
}

/** When the next absence begins or ends; never where none does. */
function nextEdge({ people }: Directory, now: Instant): Instant {
  let next = Number.POSITIVE_INFINITY;
  for (const { away } of people.values())
    for (const { from, to } of away) for (const edge of [from, to]) if (edge > now) next = Math.min(next, edge);
  return next;
}
