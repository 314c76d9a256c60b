/** src/cli/demo.ts: the main job, once, from the pipeline's question to the signed answer. Leaves nothing behind. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type Bot, startBot } from '../bot/main.ts';
import { type Client, createClient, type DecidedRequest, type OpenRequest } from '../client/index.ts';
import { fold } from '../engine/evolve.ts';
import { type CallbackSink, openSink, type ReceivedCallback } from './demo-sink.ts';
import { outcomeText } from './draw.ts';
import { CommandError, EXIT } from './failure.ts';
import { follow } from './follow.ts';
import type { Terminal } from './terminal.ts';
import { jsonText, plain } from './text.ts';

export interface DemoFlags {
  readonly answer?: string;
  readonly keep?: true;
}

/** The person at the terminal. */
const YOU = 'ana';
const CALLBACK_MS = 15_000;

/** 0 when everything worked, whichever the answer; 2 when there is nobody to ask. */
export async function demo(terminal: Terminal, { answer, keep }: DemoFlags): Promise<number> {
  if (answer !== undefined && answer !== 'approve' && answer !== 'reject')
    throw new CommandError(`No such answer: ${answer}`, 'approve or reject.');
  if (answer === undefined && !terminal.isInteractive)
    throw new CommandError(
      'There is no terminal to ask at.',
      'Say it beforehand: --answer approve or --answer reject.',
      2,
    );
  const folder = mkdtempSync(join(tmpdir(), 'countersign-demo-'));
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const token = `demo-${randomBytes(24).toString('hex')}`;
  const sink = await openSink(secret);
  let bot: Bot | null = null;
  try {
    writeFileSync(join(folder, 'countersign.yaml'), configText(token, secret, sink), { mode: 0o600 });
    bot = await startBot({ env: environment(folder, sink), logTo: nowhere() });
    return await play(terminal, bot, sink, token, answer ?? null);
  } finally {
    await bot?.stop();
    await sink.stop();
    if (keep) terminal.say(`Kept in ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

async function play(
  terminal: Terminal,
  bot: Bot,
  sink: CallbackSink,
  token: string,
  answer: 'approve' | 'reject' | null,
): Promise<number> {
  const { paint } = terminal;
  const client = createClient({ url: bot.url, token });

  heading(terminal, 1, 'The pipeline asks, and stops');
  const asked: OpenRequest = {
    gate: 'deploy-prod',
    context: { service: 'shop', version: '1.4.2', environment: 'production', migrations: 2 },
    requester: 'ben',
    callback: { url: sink.url },
  };
  terminal.out(curlText(bot.url, asked));
  const request = await client.open(asked, { signal: terminal.interrupted });
  terminal.out(`${paint('green', '→')} 201 Created · ${plain(request.id)} · ${request.status}`);

  heading(terminal, 2, 'The right people are asked');
  terminal.out(paint('bold', plain(request.title)));
  terminal.out(`asked by Ben Okoye · Ana Silva or Mia Chen may decide · no answer within 10 minutes rejects it`);
  if (request.links.web !== undefined) terminal.out(`${paint('dim', 'in a browser:')} ${plain(request.links.web)}`);
  const decided =
    answer === null
      ? await decideHere(terminal, client, request.id)
      : await decideAs(client, terminal, request.id, answer);

  heading(terminal, 3, decided.status === 'approved' ? 'The pipeline goes on' : 'The pipeline rolls back');
  terminal.out(outcomeText(decided.outcome, terminal));
  const callback = await received(sink);
  terminal.out(callbackText(callback, terminal));
  if (!callback.isValid) throw new CommandError('The callback’s signature is not valid.');

  heading(terminal, 4, 'And it can be proved');
  await bot.store.checkpoint(terminal.now());
  const { events, head, faults } = await bot.store.verify({ fold });
  if (faults.length > 0) throw new CommandError(`The audit log has ${faults.length} faults.`);
  terminal.out(`${paint('green', '✓')} audit log whole: ${events} events, head ${head.slice(0, 16)}…`);
  terminal.out(`\n${paint('dim', 'Next: countersign.yaml says who is asked; countersign serve runs the bot.')}`);
  return EXIT.done;
}

/** Here or in the browser, whichever is first. */
async function decideHere(terminal: Terminal, client: Client, id: string): Promise<DecidedRequest> {
  terminal.out(`${terminal.paint('dim', 'or right here,')} as Ana Silva:\n`);
  const from = await client.get(id);
  return follow(client, terminal, { id, from, as: YOU, timeoutMs: null, isFleeting: true });
}

async function decideAs(
  client: Client,
  terminal: Terminal,
  id: string,
  answer: 'approve' | 'reject',
): Promise<DecidedRequest> {
  terminal.out(`${terminal.paint('dim', '--answer')} ${answer}, as Ana Silva`);
  const signal = terminal.interrupted;
  await client.vote(id, { person: YOU, option: answer, reason: `said on the command line: ${answer}` }, { signal });
  return client.wait(id, { signal });
}

async function received(sink: CallbackSink): Promise<ReceivedCallback> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new CommandError('No callback came.')), CALLBACK_MS);
  });
  try {
    return await Promise.race([sink.received, late]);
  } finally {
    clearTimeout(timer);
  }
}

const heading = ({ out, paint }: Terminal, number: number, text: string): void =>
  out(`\n${paint('cyan', String(number))} ${paint('bold', text)}\n`);

function curlText(url: string, body: OpenRequest): string {
  return [
    `$ curl -X POST ${url}/v1/requests \\`,
    `    -H 'Authorization: Bearer demo-…' -H 'Content-Type: application/json' \\`,
    `    -d '${JSON.stringify(body)}'`,
  ].join('\n');
}

/** As it came: the signed headers, then the body untouched. */
function callbackText({ headers, body, isValid }: ReceivedCallback, { paint }: Terminal): string {
  const signed = Object.keys(headers).filter((name) => name.startsWith('webhook-') || name === 'content-type');
  return [
    paint('dim', '\nPOST /callback'),
    ...signed.map((name) => `${paint('dim', `${plain(name)}:`)} ${plain(headers[name] ?? '')}`),
    '',
    onScreen(body),
    '',
    isValid ? `${paint('green', '✓')} signature valid (Standard Webhooks)` : `${paint('red', '✗')} signature not valid`,
  ].join('\n');
}

/** The very bytes, unless something in them would act on the terminal. */
const onScreen = (body: string): string => (plain(body) === body ? body : jsonText(JSON.parse(body)));

const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

function environment(folder: string, sink: CallbackSink): Record<string, string> {
  return {
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: `sqlite:${join(folder, 'countersign.db')}`,
    COUNTERSIGN_CONFIG: join(folder, 'countersign.yaml'),
    COUNTERSIGN_SECRET: randomBytes(32).toString('hex'),
    CALLBACK_ALLOW: `127.0.0.1:${sink.port}`,
    WEB_DEV_LOGIN: '1',
    LOG_LEVEL: 'warn',
  };
}

const configText = (token: string, secret: string, sink: CallbackSink): string => `people:
  ana: { name: Ana Silva, email: ana@acme.dev }
  mia: { name: Mia Chen, email: mia@acme.dev }
  ben: { name: Ben Okoye, email: ben@acme.dev }
groups:
  release-managers: [ana, mia]
pipelines:
  demo:
    token: ${JSON.stringify(token)}
    gates: ["*"]
    callbackSecret: ${JSON.stringify(secret)}
    callbacks: ["${sink.url}"]
    may: [vote]
gates:
  deploy-prod:
    title: "Deploy \${context.service} \${context.version} to \${context.environment}"
    approvers: [release-managers]
    quorum: 1
    timeout: 10m
`;
