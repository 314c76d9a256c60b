/** src/cli/doctor.ts: is everything there that the bot needs? Looks, changes nothing, and says what to do. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { ConfigError, loadConfig } from '../bot/config/index.ts';
import { type Environment, readEnvironment } from '../bot/environment.ts';
import { databaseFileOf } from '../bot/keys.ts';
import { connect, tokenOf, urlOf } from './connection.ts';
import { calendars } from './doctor/calendars.ts';
import { directories } from './doctor/directories.ts';
import { bad, type Finding, look, ok } from './doctor/finding.ts';
import { postgres } from './doctor/postgres.ts';
import { slack } from './doctor/slack.ts';
import { CommandError, EXIT, explain } from './failure.ts';
import { asCommandError, withStore } from './offline.ts';
import type { Terminal } from './terminal.ts';
import { durationText, plain } from './text.ts';

const MARKS = { ok: ['green', '✓'], look: ['yellow', '!'], bad: ['red', '✗'] } as const;
const OLDEST_NODE = [20, 12] as const;
const READY_MS = 3_000;

/** 0: nothing is in the way. 1: something is. */
export async function doctor(terminal: Terminal): Promise<number> {
  const findings: Finding[] = [];
  const tell = (found: readonly Finding[]) => {
    for (const { mark, text, advice } of found) {
      const [style, sign] = MARKS[mark];
      terminal.out(
        `${terminal.paint(style, sign)} ${plain(text)}${advice === undefined ? '' : `\n  ${terminal.paint('dim', plain(advice))}`}`,
      );
    }
    findings.push(...found);
  };
  tell([node(process.versions.node)]);
  const environment = readOr(terminal, tell);
  if (environment !== null) {
    tell(settings(environment));
    tell(config(environment, terminal));
    tell(await directories(environment, terminal));
    tell(await calendars(environment, terminal));
    tell(await database(environment, terminal));
    tell([await port(environment)]);
    tell(await slack(environment, terminal));
  }
  tell(await pipeline(terminal));
  const count = findings.filter(({ mark }) => mark === 'bad').length;
  terminal.say(count === 0 ? 'Nothing is in the way.' : `${count} thing${count === 1 ? '' : 's'} in the way.`);
  return count === 0 ? EXIT.done : EXIT.no;
}

/** @param version as `process.versions.node` says it */
export function node(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldest, oldestMinor] = OLDEST_NODE;
  if (major < oldest || (major === oldest && minor < oldestMinor))
    return bad(`Node ${version} is too old`, `Use Node ${oldest}.${oldestMinor} or newer; 22 and 24 are recommended.`);
  if (major === oldest)
    return look(`Node ${version}`, 'It works, but Node 22 and 24 are the ones that are maintained for longer.');
  return ok(`Node ${version}`);
}

function readOr(terminal: Terminal, tell: (found: readonly Finding[]) => void): Environment | null {
  try {
    const environment = readEnvironment(terminal.env);
    tell([ok('environment variables')]);
    return environment;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    tell(error.message.split('\n').map((line) => bad(line)));
    return null;
  }
}

function settings({
  secret,
  databaseUrl,
  isProduction,
  isLoopback,
  host,
  publicUrl,
  webDevLogin,
}: Environment): readonly Finding[] {
  const found: Finding[] = [];
  if (secret !== null) found.push(ok('COUNTERSIGN_SECRET is long enough'));
  else if (databaseUrl.startsWith('sqlite:'))
    found.push(
      look(
        'COUNTERSIGN_SECRET is not set',
        'One is made beside the database, which is fine for trying out. Elsewhere: openssl rand -hex 32',
      ),
    );
  if (!isProduction && !isLoopback)
    found.push(
      look(
        `HOST is ${host}, but NODE_ENV is not production`,
        'Set NODE_ENV=production: it refuses what is only for trying out.',
      ),
    );
  if (webDevLogin)
    found.push(
      look(
        'WEB_DEV_LOGIN lets everybody on this machine be anybody',
        'Fine for trying out; take it away before anybody relies on this.',
      ),
    );
  if (publicUrl === null && !isLoopback)
    found.push(
      bad(
        'PUBLIC_URL is not set, so links in messages lead nowhere',
        'Set it to the address that people open, such as https://approvals.example.com',
      ),
    );
  else if (publicUrl?.startsWith('http:') && !isLoopback)
    found.push(look('PUBLIC_URL is plain http', 'Sign-in and decisions should travel over https.'));
  else found.push(ok(publicUrl === null ? 'links lead to this machine' : `links lead to ${publicUrl}`));
  return found;
}

function config({ configPath }: Environment, terminal: Terminal): readonly Finding[] {
  try {
    const { gates, directory, pipelines, warnings } = loadConfig(configPath, terminal.env, terminal.now());
    const counts = `gates: ${gates.size}, people: ${directory.people.size}, pipelines: ${pipelines.length}`;
    return [
      ok(`${configPath}: ${counts}`),
      ...warnings.map((warning) => look(warning, 'It is allowed, but probably not meant.')),
    ];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n').map((line) => bad(line));
  }
}

async function database({ databaseUrl, secret }: Environment, terminal: Terminal): Promise<readonly Finding[]> {
  const file = databaseFileOf(databaseUrl);
  if (!databaseUrl.startsWith('sqlite:')) {
    const found = await postgres(databaseUrl, secret !== null, terminal);
    const isReady = found.every(({ mark }) => mark !== 'bad') && found.some(({ text }) => text.startsWith('tables at'));
    return isReady ? [...found, ...(await content('the database', terminal))] : found;
  }
  if (file === null) return [look('DATABASE_URL keeps everything in memory', 'Nothing survives a restart.')];
  return existsSync(file) ? content(file, terminal) : [folder(file)];
}

/** What the store holds. */
async function content(name: string, terminal: Terminal): Promise<readonly Finding[]> {
  try {
    return await withStore(terminal, 'read', async (store) => {
      const { pending, oldestPendingAt, deliveries } = await store.stats();
      const last = (await store.checkpoints()).at(-1);
      const age = oldestPendingAt === null ? '' : `, the oldest for ${durationText(terminal.now() - oldestPendingAt)}`;
      const found = [ok(`${name}: ${pending} pending${age}`)];
      found.push(
        last === undefined
          ? ok('no checkpoint yet')
          : ok(`last checkpoint at event ${last.size}, head ${last.head.slice(0, 12)}…`),
      );
      if (deliveries.dead > 0)
        found.push(
          look(
            `${deliveries.dead} dead letters`,
            'countersign deliveries list --state dead says which; deliveries retry sends them again.',
          ),
        );
      return found;
    });
  } catch (error) {
    const known = error instanceof CommandError ? error : asCommandError(error);
    if (known === null) throw error;
    return [bad(known.message, known.advice ?? undefined)];
  }
}

/** Where the database will be: its folder, or the nearest one that is there, must take a file. */
function folder(file: string): Finding {
  let at = dirname(resolve(file));
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  const advice = 'Point DATABASE_URL elsewhere, or let this user write there.';
  if (!statSync(at).isDirectory()) return bad(`${file} can't be made: ${at} is no folder`, advice);
  try {
    accessSync(at, constants.W_OK);
    return ok(`${file} will be made at the first start`);
  } catch {
    return bad(`${file} can't be made: ${at} is not writable`, advice);
  }
}

async function port({ host, port: number }: Environment): Promise<Finding> {
  if (number === 0) return ok('any free port');
  const taken = await new Promise<string | null>((done) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    probe.listen(number, host, () => probe.close(() => done(null)));
  });
  if (taken === null) return ok(`${host}:${number} is free`);
  if (taken !== 'EADDRINUSE')
    return bad(`${host}:${number} can't be listened on (${taken})`, 'HOST and PORT say where.');
  const status = await readiness(host, number);
  if (status === 'ready') return ok(`a bot runs on ${host}:${number}, and is ready`);
  if (status === null) return bad(`${host}:${number} is taken by something else`, 'Set PORT to another one.');
  return bad(`what runs on ${host}:${number} is ${status}`, 'Its log says why.');
}

/** What /readyz says; null when nothing of ours answers. */
async function readiness(host: string, number: number): Promise<string | null> {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  try {
    const response = await fetch(`http://${name}:${number}/readyz`, {
      signal: AbortSignal.timeout(READY_MS),
      redirect: 'manual',
    });
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null && 'status' in body && typeof body.status === 'string'
      ? body.status
      : null;
  } catch {
    return null; // whatever it is, it is no bot
  }
}

/** The client's side, where it is set up here. */
async function pipeline(terminal: Terminal): Promise<readonly Finding[]> {
  if (!terminal.env.COUNTERSIGN_TOKEN) return [];
  try {
    tokenOf(terminal);
    const { pipeline: name, gates, may } = await connect(terminal, 'short').whoami({ signal: terminal.interrupted });
    const rights = may.length === 0 ? '' : `, may ${may.join(', ')}`;
    return [ok(`COUNTERSIGN_TOKEN is the pipeline ${name}: gates ${gates.join(', ')}${rights}`)];
  } catch (error) {
    const failure = explain(error, urlOf(terminal));
    if (failure === null) throw error;
    return [look(`COUNTERSIGN_TOKEN can't be tried: ${failure.message}`, failure.advice ?? 'Start the bot first.')];
  }
}
