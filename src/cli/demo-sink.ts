/** src/cli/demo-sink.ts: the pipeline's side of the demo: takes one callback and checks its signature. */
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

export interface ReceivedCallback {
  readonly headers: Readonly<Record<string, string>>;
  /** Byte for byte what was signed. */
  readonly body: string;
  readonly isValid: boolean;
}

export interface CallbackSink {
  readonly url: string;
  readonly port: number;
  readonly received: Promise<ReceivedCallback>;
  stop(): Promise<void>;
}

/** @param secret `whsec_…`, as in the pipeline's `callbackSecret` */
export async function openSink(secret: string): Promise<CallbackSink> {
  let receive: (callback: ReceivedCallback) => void = () => {};
  const received = new Promise<ReceivedCallback>((resolve) => {
    receive = resolve;
  });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value ?? '')]),
      );
      receive({ headers, body, isValid: isSigned(secret, body, headers) });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The callback sink has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/callback`,
    port: address.port,
    received,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isSigned(secret: string, body: string, headers: Readonly<Record<string, string>>): boolean {
  try {
    new Webhook(secret).verify(body, { ...headers });
    return true;
  } catch {
    return false;
  }
}
