/**
 * src/bot/main.ts: the process: opens the store, joins the parts, listens, and lets go of everything again.
 */
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { createHttpClient } from '../adapters/callback/client.ts';
import type { Channel } from '../adapters/channel.ts';
import { checkUrl } from '../adapters/http/url.ts';
import { webPages } from '../adapters/web/web.tsx';
import { fold } from '../engine/evolve.ts';
import { view } from '../engine/present.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/port.ts';
import { openAbsences } from './absence/open.ts';
import { renderAction } from './actions.ts';
import { openChannels, unreachable } from './channels.ts';
import { chatPorts } from './chat/ports.ts';
import { checkpointsTo } from './checkpoints.ts';
import { createClicks } from './clicks.ts';
import { type Clock, steadyClock } from './clock.ts';
import { type Config, ConfigError, loadConfig } from './config/index.ts';
import { watchFiles } from './directory/watch.ts';
import { isQuiet } from './dispatch/payload.ts';
import { systemTimers } from './dispatch/timers.ts';
import { createDispatcher } from './dispatcher.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { createHandler } from './handle.ts';
import type { Api } from './http/api.ts';
import { createServer } from './http/server.ts';
import { databaseFileOf, deriveKeys, secretFor } from './keys.ts';
import { STOP_MS, WAITERS, WAITERS_PER_PIPELINE } from './limits.ts';
import { createLogs, createScrubber, type Logs, type Scrubber } from './log.ts';
import { createMetrics } from './metrics.ts';
import { fallbackLeft, type Routes } from './outgoing.ts';
import { joinPauses } from './pauses/join.ts';
import { callbackBody } from './request-json.ts';
import { secretsIn, secretsOf } from './secrets.ts';
import { slackOptionsOf } from './slack-options.ts';
import { startCounting } from './stats/counting.ts';
import { createProjection } from './stats/projection.ts';
import { createFigures } from './stats/report.ts';
import { teamsOptionsOf } from './teams-options.ts';
import { startTicker } from './ticks.ts';
import { createUnheard, reportOf } from './unheard.ts';
import { Waiters } from './waiters.ts';
import { webPorts } from './web-ports.ts';
import { whoAsks } from './who-asks.ts';

export interface BotOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Channels beside the web pages. */
  readonly channels?: readonly Channel[];
  /** The wall clock, in milliseconds since the epoch; on PostgreSQL the database's time is used instead. */
  readonly wall?: () => number;
  /** Where log lines go; standard output by default. */
  readonly logTo?: NodeJS.WritableStream;
  /** On PostgreSQL: how long a claim on a delivery outlives a replica that was killed, in milliseconds; 30,000 by default. */
  readonly claimLeaseMs?: number;
}

export interface Bot {
  readonly url: string;
  readonly store: Store;
  readonly log: Logger;
  /** Lets happen what is due, without waiting for the next tick. */
  tick(): Promise<void>;
  /** Reads the config again. A broken one is reported and changes nothing; open requests keep the gate they began with. */
  reload(): boolean;
  /** Answers who waits, lets what is under way end, and closes the store; done within ten seconds. */
  stop(): Promise<void>;
}

/** The version in package.json, which lies beside both src and dist. */
const VERSION: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

/** @throws ConfigError with a line for each problem, StoreLockedError, or what listening throws */
export async function startBot({ env, channels = [], wall = Date.now, logTo, claimLeaseMs }: BotOptions): Promise<Bot> {
  const environment = readEnvironment(env);
  const config = loadConfig(environment.configPath, env);
  const scrubber = createScrubber();
  scrubber.learn([...secretsOf(env), ...environment.oldSecrets, ...secretsIn(config)]);
  const logs = createLogs(environment.logLevel, scrubber, logTo);
  const { log } = logs;
  for (const warning of config.warnings) log.warn(warning);
  const ownClock = steadyClock(wall);
  const secret = secretFor(environment.secret, databaseFileOf(environment.databaseUrl));
  scrubber.learn([secret]);
  const keys = deriveKeys(secret, environment.oldSecrets);
  const checkpoints = checkpointsTo(log, environment.checkpointFile);
  const store = await openStore(environment.databaseUrl, {
    signer: keys.checkpoints,
    fold,
    clock: ownClock,
    onWarning: (message) => log.warn(message),
    onCheckpoint: checkpoints.tell,
    ...(claimLeaseMs !== undefined && { leaseMs: claimLeaseMs }),
  });
  // Replicas whose own clocks differ agree on deadlines by their database's.
  const clock = store.clock ?? ownClock;
  try {
    return await join({ environment, config, env, channels, logs, scrubber, clock, keys, checkpoints, store });
  } catch (error) {
    await store.close();
    throw error;
  }
}

interface Parts {
  readonly environment: Environment;
  readonly config: Config;
  readonly env: BotOptions['env'];
  readonly channels: readonly Channel[];
  readonly logs: Logs;
  readonly scrubber: Scrubber;
  readonly clock: Clock;
  readonly keys: ReturnType<typeof deriveKeys>;
  readonly checkpoints: ReturnType<typeof checkpointsTo>;
  readonly store: Store;
}

async function join({
  environment,
  config: first,
  env,
  channels: extra,
  logs: { log, decisions },
  scrubber,
  clock,
  keys,
  checkpoints,
  store,
}: Parts): Promise<Bot> {
  let loaded = first;
  let known = first;
  /** Whether it is what the files say: a broken one is refused, and the last good one goes on to count. */
  let isNewest = true;
  let publicUrl = environment.publicUrl ?? `http://${hostInUrl(environment.host)}:${environment.port}`;

  /** What the file says, with the people who are in groups elsewhere. */
  function config(): Config {
    const directory = channels.directory.current();
    if (known.directory !== directory) known = { ...loaded, directory };
    return known;
  }

  const waiters = new Waiters(WAITERS, WAITERS_PER_PIPELINE);
  const unheard = createUnheard(store, clock);
  const metrics = createMetrics(store, {
    waiting: () => waiters.count,
    unheard: () => unheard.count(),
    problems: () => channels.problems(),
    groups: () => channels.groupProblems(),
    isNewest: () => isNewest,
    paused: () => pauses.house.counts(),
  });
  const stopListening = [
    waiters.listenTo(store),
    store.subscribe((committed) => {
      metrics.committed(committed);
      const { content, gate, version, status } = committed.state;
      const events = committed.events.map(({ type }) => type);
      decisions.info({ request: content.id, gate: gate.name, status, version, events }, 'committed');
    }),
  ];
  const routes = (): Routes => {
    const { channels: places, directory } = config();
    return { channels: places, directory, ...channels.kinds };
  };
  const pauses = joinPauses({
    store,
    clock,
    config,
    log,
    decisions,
    handlerOf: (known) =>
      createHandler(store, {
        routes,
        clock,
        pauses: known,
        onRefused: (refusal, command, id) => {
          metrics.refused(refusal);
          log.info({ refusal, command: command.type, by: whoAsks(command), request: id }, 'refused');
        },
      }),
  });
  const { handler } = pauses;
  const projection = createProjection({ store, clock, onTrouble: (fields, message) => log.error(fields, message) });
  const counting = startCounting({ projection, clock, timers: systemTimers, log });
  const figures = createFigures(projection, clock);
  const absences = openAbsences({
    store,
    handler,
    config: () => loaded,
    directory: () => config().directory,
    allow: environment.callbackAllow,
    clock,
    log,
    decisions,
  });
  const surroundings = {
    store,
    handler,
    clock,
    config,
    figures,
    pauses: pauses.house,
    absences,
    publicUrl: () => publicUrl,
  };
  const channels = await openChannels({
    slack: slackOptionsOf(environment, first),
    teams: teamsOptionsOf(environment, first),
    store,
    ports: (kind, home) => chatPorts({ kind, ...surroundings, directory: () => config().directory, home }),
    extra,
    config: () => loaded,
    absences: absences.overlay,
    allow: environment.callbackAllow,
    onGroups: (changes) => absences.groupsChanged(changes),
    clock,
    log,
  });
  for (const line of unreachable(loaded, channels.kinds)) log.warn(line);
  const client = createHttpClient(environment.callbackAllow);
  const clicks = createClicks();
  const dispatcher = createDispatcher({
    isBusy: clicks.areUnderWay,
    store,
    channels: channels.byKind,
    callbacks: {
      client,
      get source() {
        return publicUrl;
      },
      secrets: (name) => config().pipelines.find((pipeline) => pipeline.name === name)?.callbackSecrets ?? [],
      body: (state) => callbackBody(state, publicUrl),
      action: renderAction,
    },
    render: {
      present: (state, viewer) => view(state, viewer, config().directory, clock()),
      link: (request) => `${publicUrl}/requests/${request}`,
    },
    clock,
    random: Math.random,
    log,
    onDead: async (delivery) => {
      // The trail and the pages tell of it, and other channels; what is quiet ends there.
      if (isQuiet(delivery.kind, delivery.payload)) return;
      const report = await reportOf(store, delivery, (state) => fallbackLeft(state, routes()));
      await handler.change(delivery.request, () => ({ type: 'reportUndelivered', ...report }));
    },
  });
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // one for each caller who waits, bounded by WAITERS
  const api: Api = {
    store,
    handler,
    waiters,
    pauses: pauses.house,
    config,
    checkCallback: (url) => {
      const checked = checkUrl(url, environment.callbackAllow);
      return 'problem' in checked ? checked.problem : null;
    },
    get publicUrl() {
      return publicUrl;
    },
    clock,
    receiptKey: keys.receiptKey,
    receiptPublicKeys: keys.receiptPublicKeys,
    metrics,
    figures,
    unheard: () => unheard.count(),
    channelProblems: () => channels.problems(),
    groupProblems: () => channels.groupProblems(),
    isConfigNewest: () => isNewest,
    calendarProblems: () => absences.problems(),
    wakeDispatcher: () => dispatcher.wake(),
    stopping: stopping.signal,
  };
  const ports = webPorts({ ...surroundings, waiters, secret: keys.cookieSecret, devLogin: environment.webDevLogin });
  const server = await createServer(api, {
    logger: log,
    version: VERSION,
    isLoopback: environment.isLoopback,
    trustProxy: environment.trustProxy,
    plugins: [async (app) => void (await app.register(webPages(ports))), ...channels.doors.map(clicks.counted)],
  });
  const ticker = startTicker({
    cron: environment.tickCron,
    store,
    handler,
    clock,
    log,
    onTick: ({ lagMs }, tookMs) => {
      metrics.ticked(lagMs, tookMs);
      dispatcher.tick(clock());
      counting.wake();
      void pauses.turn();
      void absences.turn();
    },
  });
  const url = await listen();
  dispatcher.wake();
  log.info({ url, version: VERSION, gates: loaded.gates.size }, 'ready');

  /** The address in PUBLIC_URL, or the one we got when the port was left to the system. */
  async function listen(): Promise<string> {
    try {
      await pauses.start();
      await absences.start();
      await channels.start();
      await server.listen({ host: environment.host, port: environment.port });
    } catch (error) {
      await Promise.all([ticker.stop(), channels.stop(), pauses.stop(), absences.stop()]);
      await dispatcher.stop(0);
      await counting.stop();
      throw error;
    }
    const address = server.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : environment.port;
    if (environment.publicUrl === null) publicUrl = `http://${hostInUrl(environment.host)}:${port}`;
    return publicUrl;
  }

  const bot: Bot = {
    url,
    store,
    log,
    tick: () => ticker.tick(),
    reload() {
      try {
        loaded = loadConfig(environment.configPath, env);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        for (const line of error.message.split('\n')) log.error(`config not reloaded: ${line}`);
        isNewest = false;
        return false;
      }
      isNewest = true;
      known = loaded;
      scrubber.learn(secretsIn(loaded));
      for (const line of [...loaded.warnings, ...unreachable(loaded, channels.kinds)]) log.warn(line);
      for (const [key, path] of [
        ['workspaces', 'slack.workspaces'],
        ['teams', 'teams'],
      ] as const)
        if (JSON.stringify(loaded[key]) !== JSON.stringify(first[key]))
          log.warn(`${path} has changed: it counts from the next start on`);
      void channels.directory.refresh();
      files.follow();
      absences.reloaded();
      log.info({ gates: loaded.gates.size }, 'config reloaded; open requests keep the gate they began with');
      return true;
    },
    async stop() {
      stopping.abort();
      files.stop();
      await ticker.stop();
      // Connections that were opened ahead and never used would hold the server for ever.
      const cut = setTimeout(() => server.server.closeAllConnections(), STOP_MS / 4);
      await Promise.all([server.close(), channels.stop()]);
      clearTimeout(cut);
      await Promise.all([dispatcher.stop(STOP_MS / 2), pauses.stop(), absences.stop()]);
      await counting.stop();
      for (const stop of stopListening) stop();
      // What can't be signed now is signed after the next start; what was opened is let go of all the same.
      await store
        .checkpoint(clock())
        .catch((error: unknown) => log.warn({ err: error }, 'stopped without a checkpoint'));
      await store.close();
      await checkpoints.written();
      log.info('stopped');
    },
  };
  const files = watchFiles({
    files: () => loaded.files,
    onChange() {
      log.info('a file of people or groups has changed');
      bot.reload();
    },
    timers: systemTimers,
    log,
  });
  return bot;
}

const hostInUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);
