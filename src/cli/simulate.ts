/** src/cli/simulate.ts: `gates simulate`: what a request at a gate would come to, from the config alone. */
import { type Config, ConfigError, loadConfig, suggestion } from '../bot/config/index.ts';
import { gatesAsking } from '../bot/directory/asking.ts';
import { checkDirectory } from '../bot/directory/checkup.ts';
import { readEnvironment } from '../bot/environment.ts';
import { plainlyAsked, requesterOf } from '../bot/open.ts';
import { MAX_VOTES, type RehearsedVote, simulate } from '../bot/rehearsal/simulate.ts';
import { momentOf, TIME_FORM } from '../bot/rehearsal/time.ts';
import { voteFrom } from '../bot/rehearsal/votes.ts';
import type { Instant } from '../engine/definition.ts';
import { CommandError, EXIT } from './failure.ts';
import { contextFrom } from './opening.ts';
import { simulationLines } from './simulation-text.ts';
import type { Terminal } from './terminal.ts';
import { jsonText, plain } from './text.ts';

export interface SimulateFlags {
  readonly context?: readonly string[];
  readonly contextFile?: string;
  readonly requester?: string;
  readonly title?: string;
  readonly at?: string;
  readonly vote?: readonly string[];
  readonly explain?: string;
  readonly config?: string;
  readonly json?: true;
}

/** @returns 0: it would open; 1: it would be refused. @throws CommandError (3) for a config or an option that can't be read */
export async function simulateGate(terminal: Terminal, name: string, flags: SimulateFlags): Promise<number> {
  const written = configOf(terminal, flags.config);
  const { directory, notes } = await askedNow(written, name, terminal);
  const config: Config = { ...written, directory };
  const gate = config.gates.get(name);
  if (gate === undefined)
    throw new CommandError(`${name} is not a gate of this config${suggestion(name, config.gates.keys())}.`);
  const at = flags.at === undefined ? terminal.now() : timeFrom('--at', flags.at, terminal.now());
  const files = flags.contextFile === undefined ? [] : [`@${flags.contextFile}`];
  const votes = (flags.vote ?? []).map((text) => voteGiven(text, at, config));
  if (votes.length > MAX_VOTES) throw new CommandError(`--vote may be given ${MAX_VOTES} times at most.`);
  const simulation = simulate(config, {
    gate,
    overrides: {},
    asked: plainlyAsked({
      title: flags.title ?? null,
      requester: flags.requester === undefined ? null : personFrom('--requester', flags.requester, config),
      context: contextFrom([...files, ...(flags.context ?? [])]) ?? {},
    }),
    pipeline: config.pipelines.find((pipeline) => pipeline.mayOpen(gate.name))?.name ?? 'simulation',
    at,
    votes,
    notes,
    explain: flags.explain === undefined ? null : personFrom('--explain', flags.explain, config),
  });
  if (flags.json) terminal.out(jsonText(simulation));
  else for (const line of simulationLines(simulation, terminal)) terminal.out(line);
  return simulation.opens ? EXIT.done : EXIT.no;
}

function configOf(terminal: Terminal, file: string | undefined): Config {
  try {
    return loadConfig(file ?? (terminal.env.COUNTERSIGN_CONFIG || './countersign.yaml'), terminal.env, terminal.now());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(error.message, 'countersign gates validate checks the whole of it.');
  }
}

/** Groups that HTTP directories keep are asked for; of those that chat platforms keep only the bot knows. */
async function askedNow(config: Config, gate: string, terminal: Terminal) {
  try {
    const { callbackAllow } = readEnvironment(terminal.env);
    const { directory, sources } = await checkDirectory(config, callbackAllow, terminal.now);
    const isAsked = (group: string) => gatesAsking(group, config.gates, directory).some(({ name }) => name === gate);
    const notes = [...sources].flatMap(([group, { trouble }]) =>
      trouble !== null && isAsked(group) ? [`${group}: ${trouble}.`] : [],
    );
    return { directory, notes };
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandError(error.message);
    throw error;
  }
}

function personFrom(option: string, given: string, { directory }: Config): string {
  const person = requesterOf(given.includes('@') ? { email: given } : given, directory);
  if (person !== null) return person;
  const hint = suggestion(given, directory.people.keys());
  throw new CommandError(`${option}: ${plain(given)} is not a person in the directory${hint}.`);
}

function voteGiven(text: string, at: Instant, config: Config): RehearsedVote {
  const vote = voteFrom(text, at);
  if (typeof vote === 'string') throw new CommandError(`--vote ${vote}, not ${plain(text)}.`);
  return { ...vote, person: personFrom('--vote', vote.person, config) };
}

function timeFrom(option: string, text: string, from: Instant): Instant {
  const at = momentOf(text, from);
  if (at === null) throw new CommandError(`${option} ${TIME_FORM}, not ${plain(text)}.`);
  return at;
}
