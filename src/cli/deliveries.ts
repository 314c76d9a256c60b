/** src/cli/deliveries.ts: what went out, and sending again by hand what ended as a dead letter. */
import type { OutgoingDelivery } from '../client/index.ts';
import type { Delivery } from '../store/port.ts';
import { connect } from './connection.ts';
import { columns, timeText } from './draw.ts';
import { CommandError, EXIT } from './failure.ts';
import type { Terminal } from './terminal.ts';
import { jsonText, plain, shortened } from './text.ts';

export interface ListDeliveriesFlags {
  readonly state?: string;
  readonly request?: string;
  readonly limit: number;
  readonly offline?: true;
  readonly json?: true;
}

export interface RetryFlags {
  readonly allDead?: true;
  readonly offline?: true;
}

/** What both ways to the deliveries can do: through the bot, or on the database of a stopped one. */
interface Deliveries {
  list(filter: {
    state?: OutgoingDelivery['state'];
    request?: string;
    limit: number;
  }): Promise<readonly OutgoingDelivery[]>;
  /** false: there is none such that could be sent again. */
  retry(id: string): Promise<boolean>;
}

const PAGE = 200;

export async function listDeliveries(terminal: Terminal, flags: ListDeliveriesFlags): Promise<number> {
  const { state, request, limit, json } = flags;
  const filter = {
    limit,
    ...(state !== undefined && { state: stateFrom(state) }),
    ...(request !== undefined && { request }),
  };
  const found = await through(terminal, flags.offline, 'read', (deliveries) => deliveries.list(filter));
  if (json) terminal.out(jsonText({ deliveries: found }));
  else if (found.length === 0) terminal.say('There are none.');
  else terminal.out(tableOf(found, terminal).join('\n'));
  return EXIT.done;
}

export async function retryDeliveries(
  terminal: Terminal,
  id: string | undefined,
  { allDead, offline }: RetryFlags,
): Promise<number> {
  if ((id === undefined) === (allDead === undefined))
    throw new CommandError('Which delivery?', 'Give its id, or --all-dead.');
  return through(terminal, offline, 'write', async (deliveries) => {
    if (id !== undefined) {
      if (!(await deliveries.retry(id)))
        throw new CommandError(`There is no failed or dead delivery ${id}.`, null, EXIT.no);
      terminal.out('1 queued again.');
      return EXIT.done;
    }
    let count = 0;
    for (;;) {
      const dead = await deliveries.list({ state: 'dead', limit: PAGE });
      const queued = await Promise.all(dead.map((delivery) => deliveries.retry(delivery.id)));
      count += queued.filter(Boolean).length;
      // What dies again at once must not keep this going.
      if (dead.length < PAGE || !queued.includes(true)) break;
    }
    terminal.out(`${count} queued again.`);
    return EXIT.done;
  });
}

async function through<Result>(
  terminal: Terminal,
  offline: true | undefined,
  mode: 'read' | 'write',
  use: (deliveries: Deliveries) => Promise<Result>,
): Promise<Result> {
  if (offline) {
    const { withStore } = await import('./offline.ts');
    return withStore(terminal, mode, (store) =>
      use({
        list: async (filter) => (await store.deliveries(filter)).map(shownOf),
        retry: (id) => store.requeue(id, terminal.now()),
      }),
    );
  }
  const client = connect(terminal, 'short');
  return use({
    list: (filter) => client.deliveries(filter, { signal: terminal.interrupted }),
    retry: async (id) => {
      try {
        await client.retryDelivery(id, { signal: terminal.interrupted });
        return true;
      } catch (error) {
        if (error instanceof TypeError) throw new CommandError(error.message);
        if (error instanceof Error && 'status' in error && (error.status === 404 || error.status === 409)) return false;
        throw error;
      }
    },
  });
}

/** Without the payload, which may hold addresses of people. */
function shownOf({
  id,
  request,
  kind,
  channel,
  target,
  state,
  attempts,
  createdAt,
  dueAt,
  lastError,
}: Delivery): OutgoingDelivery {
  const time = (at: number) => new Date(at).toISOString();
  return {
    id,
    request,
    kind,
    channel,
    target,
    state,
    attempts,
    createdAt: time(createdAt),
    dueAt: time(dueAt),
    lastError,
  };
}

function tableOf(found: readonly OutgoingDelivery[], { paint }: Terminal): readonly string[] {
  const rows = found.map((delivery) => [
    plain(delivery.id),
    delivery.state,
    plain(delivery.kind),
    plain(delivery.request),
    String(delivery.attempts),
    timeText(delivery.createdAt),
    `${shortened(plain(delivery.target), 60)}${delivery.lastError === null ? '' : `: ${shortened(plain(delivery.lastError), 80)}`}`,
  ]);
  return columns([['ID', 'STATE', 'KIND', 'REQUEST', 'TRIES', 'SINCE', 'TARGET'], ...rows], paint);
}

function stateFrom(text: string): OutgoingDelivery['state'] {
  switch (text) {
    case 'queued':
    case 'sending':
    case 'sent':
    case 'failed':
    case 'dead':
      return text;
    default:
      throw new CommandError(`No such state: ${text}`, 'queued, sending, sent, failed or dead.');
  }
}
