/** test/cli/real-bot.ts: a real bot on a port and in a folder of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type Bot, startBot } from '../../src/bot/main.ts';

export const TOKEN = 'token-of-the-pipeline-ci';
const READER_TOKEN = 'token-of-a-pipeline-that-may-not-vote';

const CONFIG = `
people:
  ana: { name: Ana Silva, email: ana@acme.dev }
  mia: { name: Mia Chen, email: mia@acme.dev }
  ben: { name: Ben Okoye, email: ben@acme.dev }
groups:
  managers: [ana, mia]
pipelines:
  ci: { token: ${TOKEN}, gates: ["*"], may: [vote, bypass] }
  reader: { token: ${READER_TOKEN}, gates: ["*"] }
gates:
  deploy:
    title: "Deploy \${context.version}"
    approvers: [managers]
    bypass: { by: [mia] }
  both:
    stages:
      - { name: review, approvers: [managers], quorum: 2 }
    timeout: 2h
  careful:
    approvers: [managers]
    requireReason: [reject]
    options:
      - { id: canary, label: Canary, outcome: approved }
      - { id: full, label: Full, outcome: approved }
      - { id: stop, label: Stop, outcome: rejected }
    form:
      - { id: window, type: select, label: Window, options: [now, tonight], required: true, when: 'option != "stop"' }
`;

export interface RealBot {
  readonly bot: Bot;
  readonly folder: string;
  /** What the command line needs to talk to it. */
  readonly client: Readonly<Record<string, string>>;
  /** What the bot itself runs with, for commands that open its database. */
  readonly server: Readonly<Record<string, string>>;
  readonly readerToken: string;
  stop(): Promise<void>;
  /** Stops it, and removes everything. */
  remove(): Promise<void>;
}

export async function realBot(config = CONFIG): Promise<RealBot> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
  const configPath = join(folder, 'countersign.yaml');
  writeFileSync(configPath, config);
  const server = {
    PORT: '0',
    DATABASE_URL: `sqlite:${join(folder, 'countersign.db')}`,
    COUNTERSIGN_CONFIG: configPath,
    COUNTERSIGN_SECRET: 'a-secret-of-at-least-32-characters!',
    LOG_LEVEL: 'silent',
  };
  const bot = await startBot({ env: server, logTo: new Writable({ write: (_chunk, _encoding, done) => done() }) });
  let isRunning = true;
  const stop = async () => {
    if (isRunning) await bot.stop();
    isRunning = false;
  };
  return {
    bot,
    folder,
    client: { COUNTERSIGN_URL: bot.url, COUNTERSIGN_TOKEN: TOKEN },
    server,
    readerToken: READER_TOKEN,
    stop,
    async remove() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
