/** src/adapters/web/simulate-routes.tsx: the gates and their rehearsals, for whoever is signed in. Asked by GET, so that a picture can be linked. */
import type { FastifyInstance } from 'fastify';
import type { SimulationForm } from '../simulation.ts';
import { MalformedFormError } from './forms.ts';
import type { WebLimits, WebPorts } from './ports.ts';
import { GatesPage, SimulatePage } from './simulate-page.tsx';
import { NOT_FOUND, sendMessage, sendPage, type Visitors } from './visitor.tsx';

interface ByGate {
  readonly Params: { readonly gate: string };
}

const FIELDS: readonly (keyof SimulationForm)[] = ['context', 'requester', 'at', 'votes', 'explain'];

export interface SimulateRooms {
  readonly ports: WebPorts;
  readonly limits: WebLimits;
  readonly visitors: Visitors;
}

const MINUTE = 60_000;

/** Lets each session go on so often in a minute. What is known of a minute is forgotten with it. */
function meter(most: number) {
  let minute = 0;
  let counts = new Map<string, number>();
  return (session: string, now: number): boolean => {
    if (Math.floor(now / MINUTE) !== minute) {
      minute = Math.floor(now / MINUTE);
      counts = new Map();
    }
    const count = (counts.get(session) ?? 0) + 1;
    counts.set(session, count);
    return count <= most;
  };
}

export function simulateRoutes(app: FastifyInstance, { ports, limits, visitors }: SimulateRooms): void {
  const mayGoOn = meter(limits.simulations);

  app.get('/gates', async (request, reply) => {
    const session = visitors.sessionOf(request);
    if (session === null) return visitors.askToSignIn(request, reply, 401, '/gates');
    return sendPage(reply, 200, <GatesPage session={session} gates={ports.gates.list()} />);
  });

  app.get<ByGate>('/gates/:gate/simulate', async (request, reply) => {
    const session = visitors.sessionOf(request);
    if (session === null) return visitors.askToSignIn(request, reply, 401, request.url);
    if (!mayGoOn(session.id, ports.now())) {
      reply.header('retry-after', '60');
      return sendMessage(reply, 429, { title: 'Too fast', words: 'Please look again in a minute.', session });
    }
    const { gate } = request.params;
    const answer = ports.gates.simulate(gate, formIn(new URL(request.url, ports.publicUrl).searchParams, limits));
    if (answer === null) return sendMessage(reply, 404, { ...NOT_FOUND, session });
    const status = answer.simulation === null ? 422 : 200;
    return sendPage(
      reply,
      status,
      <SimulatePage session={session} gate={gate} answer={answer} people={ports.people()} />,
    );
  });
}

/** null: nothing was asked yet. */
function formIn(query: URLSearchParams, limits: WebLimits): SimulationForm | null {
  if ([...query.keys()].every((key) => !FIELDS.some((field) => field === key))) return null;
  const read = (name: keyof SimulationForm): string => {
    const values = query.getAll(name);
    if (values.length > 1) throw new MalformedFormError('This address says the same thing twice.');
    const text = (values[0] ?? '').replaceAll('\r\n', '\n');
    if (text.length > limits.textLength || text.includes('\0'))
      throw new MalformedFormError(`A text may have at most ${limits.textLength} characters.`);
    return text;
  };
  return {
    context: read('context'),
    requester: read('requester'),
    at: read('at'),
    votes: read('votes'),
    explain: read('explain'),
  };
}
