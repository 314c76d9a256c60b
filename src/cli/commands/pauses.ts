/** src/cli/commands/pauses.ts: pause, resume and pauses: of a request, a gate, a pipeline or everything. */
import type { Command } from 'commander';
import type { ActorName, HousePause, OrderedPause, PauseOptions, PauseTarget } from '../../client/index.ts';
import { CountersignError } from '../../client/index.ts';
import { connect } from '../connection.ts';
import { progressText, timeText } from '../draw.ts';
import { CommandError, EXIT, type Finish } from '../failure.ts';
import { requestId } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { jsonText, plain, shortened } from '../text.ts';

const WHAT = 'gate, pipeline, everything or request';
const CODES = '\nExit codes: 0 done · 1 refused, nothing was changed · 3 could not tell (network, token, usage).';

interface Flags {
  readonly reason?: string;
  readonly clocks?: string;
  readonly json?: true;
}

export function addPauseCommands(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('pause')
    .summary('pause a gate, a pipeline, everything or one request')
    .description(
      'Until it is resumed nobody decides there and nobody is reminded; what is opened there meanwhile opens paused. The pipeline needs `may: [pause]`, but for its own requests.',
    )
    .argument('<what>', WHAT)
    .argument('[name]', 'the gate, the pipeline, or the request’s id')
    .option('--reason <text>', 'why; everybody concerned sees it')
    .option(
      '--clocks <clocks>',
      'stop or run: what deadlines and target times do meanwhile (default: as the config says)',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExamples:\n  countersign pause gate deploy-prod --reason "Release freeze"\n  countersign pause everything --reason "Incident 4711" --clocks run\n${CODES}`,
    )
    .action(async (what: string, name: string | undefined, flags: Flags) =>
      finish(await refusable(() => pause(terminal, what, name, flags))),
    );

  program
    .command('resume')
    .summary('let it go on')
    .argument('<what>', WHAT)
    .argument('[name]', 'the gate, the pipeline, or the request’s id')
    .option('--reason <text>', 'why; not for a single request')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExamples:\n  countersign resume gate deploy-prod\n  countersign resume everything\n${CODES}`,
    )
    .action(async (what: string, name: string | undefined, flags: Flags) =>
      finish(await refusable(() => resume(terminal, what, name, flags))),
    );

  program
    .command('pauses')
    .summary('what is paused, by whom and why')
    .option('--all', 'what was paused in the last 400 days, too')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  countersign pauses --all')
    .action(async ({ all = false, json }: { all?: boolean; json?: true }) => {
      const found = await connect(terminal, 'short').pauses({ all }, { signal: terminal.interrupted });
      if (json) terminal.out(jsonText(found));
      else if (found.length === 0) terminal.say(all ? 'Nothing was paused.' : 'Nothing is paused.');
      else for (const one of found) terminal.out(lineOf(one));
      finish(EXIT.done);
    });
}

type What = PauseTarget | { readonly request: string };

/** @throws CommandError for what is none of the four, or lacks its name */
function whatFrom(what: string, name: string | undefined): What {
  switch (what) {
    case 'everything':
      if (name !== undefined) throw new CommandError(`Everything has no name: ${plain(name)}`);
      return { everything: true };
    case 'gate':
      return { gate: named(what, name) };
    case 'pipeline':
      return { pipeline: named(what, name) };
    case 'request':
      return { request: requestId(named(what, name)) };
    default:
      throw new CommandError(`That can’t be paused: ${plain(what)}`, `Say what it is: ${WHAT}, and its name.`);
  }
}

function named(what: string, name: string | undefined): string {
  if (name === undefined)
    throw new CommandError(`Which ${what}?`, `Write its ${what === 'request' ? 'id' : 'name'} after it.`);
  return name;
}

function clocksFrom(clocks: string | undefined): PauseOptions {
  if (clocks === undefined) return {};
  if (clocks === 'stop' || clocks === 'run') return { clocks };
  throw new CommandError(`--clocks wants stop or run, not ${plain(clocks)}`);
}

async function pause(terminal: Terminal, what: string, name: string | undefined, flags: Flags): Promise<number> {
  const target = whatFrom(what, name);
  const how = { ...clocksFrom(flags.clocks), ...(flags.reason !== undefined && { reason: flags.reason }) };
  const client = connect(terminal, 'short');
  const options = { signal: terminal.interrupted };
  if ('request' in target) {
    const request = await client.pauseRequest(target.request, how, options);
    terminal.out(flags.json ? jsonText(request) : `Paused: ${plain(request.title)}`);
    return EXIT.done;
  }
  const ordered = await client.pause(target, how, options);
  const meanwhile = ordered.clocks === 'stop' ? 'stand still' : 'run on';
  terminal.out(
    flags.json
      ? jsonText(ordered)
      : `Paused ${scopeText(ordered)}: ${affectedText(ordered)}, and what is opened there from now on. Deadlines ${meanwhile}.`,
  );
  return EXIT.done;
}

async function resume(terminal: Terminal, what: string, name: string | undefined, flags: Flags): Promise<number> {
  const target = whatFrom(what, name);
  const client = connect(terminal, 'short');
  const options = { signal: terminal.interrupted };
  if ('request' in target) {
    if (flags.reason !== undefined) throw new CommandError('A single request is resumed without a reason.');
    const request = await client.resumeRequest(target.request, options);
    const still = 'Resumed, but it stays paused along with its gate, its pipeline or everything.';
    const said = request.paused ? still : `Resumed. ${progressText(request)}`;
    terminal.out(flags.json ? jsonText(request) : said);
    return EXIT.done;
  }
  const standing = (await client.pauses({}, options)).filter((one) => isOf(one, target));
  const [first] = standing;
  if (first === undefined) throw new CommandError(`${whatText(target)} is not paused.`, null, EXIT.no);
  const ended: OrderedPause[] = [];
  for (const { id } of standing) ended.push(await client.resume(id, flags.reason, options));
  if (flags.json) terminal.out(jsonText(ended));
  else for (const one of ended.slice(0, 1)) terminal.out(`Resumed ${scopeText(one)}: ${affectedText(one)}.`);
  return EXIT.done;
}

function isOf({ scope, gate, pipeline }: HousePause, target: PauseTarget): boolean {
  if ('gate' in target) return scope === 'gate' && gate === target.gate;
  return 'pipeline' in target ? scope === 'pipeline' && pipeline === target.pipeline : scope === 'everything';
}

function whatText(target: PauseTarget): string {
  if ('gate' in target) return `The gate ${plain(target.gate)}`;
  return 'pipeline' in target ? `The pipeline ${plain(target.pipeline)}` : 'Everything';
}

const scopeText = ({ scope, gate, pipeline }: HousePause): string =>
  scope === 'everything' ? 'everything' : `the ${scope} ${plain(gate ?? pipeline ?? '')}`;

function affectedText({ affected }: OrderedPause): string {
  if (affected === null) return 'all its pending requests';
  return `${affected} pending request${affected === 1 ? '' : 's'}`;
}

const actorText = (by: ActorName): string =>
  by.kind === 'person' ? plain(by.person) : `pipeline ${plain(by.pipeline)}`;

/** "the gate deploy · paused by ana since 2026-03-02 09:00 UTC: freeze · clocks stand" */
function lineOf(pause: HousePause): string {
  const { by, at, reason, clocks, ended, progress } = pause;
  const why = reason === null ? '' : `: ${shortened(plain(reason), 200)}`;
  const parts = [`${scopeText(pause)}`, `paused by ${actorText(by)} since ${timeText(at)}${why}`];
  parts.push(clocks === 'stop' ? 'deadlines stand still' : 'deadlines run on');
  if (ended !== null) {
    const because = ended.reason === null ? '' : `: ${shortened(plain(ended.reason), 200)}`;
    parts.push(`ended by ${actorText(ended.by)} ${timeText(ended.at)}${because}`);
  }
  if (progress !== null)
    parts.push(`${progress.phase}: ${progress.done} done${progress.left === null ? '' : `, ${progress.left} left`}`);
  return parts.join(' · ');
}

/** What the policy refuses is exit code 1; a token or a network that fails is 3. */
async function refusable(run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof CountersignError && [400, 403, 404, 409, 422].includes(error.status))
      throw new CommandError(error.message, null, EXIT.no);
    throw error;
  }
}
