/**
 * bench/waiter.ts: callers that wait, in a process of their own: long-polls on bare sockets, so that thousands cost
 * little here, each noting when its answer came.
 */
import { connect, type Socket } from 'node:net';
import { TOKEN } from './traffic.ts';

export interface Park {
  readonly url: string;
  /** One long-poll for each. */
  readonly requests: readonly string[];
}

export interface Answered {
  readonly request: string;
  /** By the machine's monotonic clock. */
  readonly monotonicMs: number;
  /** Whether it said that the request was approved. */
  readonly isApproved: boolean;
}

/** Connecting at once: above a server's backlog a connection waits for a second. */
const CONNECTING = 64;

let open: Set<Socket> = new Set();
let answers: Promise<Answered>[] = [];

async function park({ url, requests }: Park): Promise<void> {
  const { hostname, port } = new URL(url);
  const left = [...requests];
  const one = async (request: string): Promise<void> => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    open.add(socket);
    socket.write(
      `GET /v1/requests/${request} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${TOKEN}\r\nprefer: wait=300\r\n\r\n`,
    );
    answers.push(
      new Promise((resolve) => {
        let text = '';
        let monotonicMs = 0;
        const end = (): void => {
          resolve({ request, monotonicMs, isApproved: text.includes('"status":"approved"') });
          socket.destroy();
        };
        socket.on('data', (chunk) => {
          if (monotonicMs === 0) monotonicMs = Number(process.hrtime.bigint()) / 1e6;
          text += chunk.toString('latin1');
          if (text.endsWith('}')) end();
        });
        socket.once('error', end);
        socket.once('close', end);
      }),
    );
  };
  const some = async (): Promise<void> => {
    for (let request = left.pop(); request !== undefined; request = left.pop()) await one(request);
  };
  await Promise.all(Array.from({ length: CONNECTING }, some));
}

async function collect(): Promise<Answered[]> {
  const all = await Promise.all(answers);
  for (const socket of open) socket.destroy();
  open = new Set();
  answers = [];
  return all;
}

process.on('message', (question: { readonly park?: Park; readonly collect?: true }) => {
  const broken = (error: unknown): void => void process.send?.({ broken: String(error) });
  if (question.park !== undefined) park(question.park).then(() => process.send?.({ parked: true }), broken);
  if (question.collect) collect().then((answered) => process.send?.({ answered }), broken);
});
process.channel?.ref(); // nothing else keeps it running between questions
process.send?.({ ready: 'waiter' });
