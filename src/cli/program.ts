/** src/cli/program.ts: the `countersign` command: its subcommands, help, and how each ends. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addDecisionCommands } from './commands/decisions.ts';
import { addOperationCommands } from './commands/operations.ts';
import { addPauseCommands } from './commands/pauses.ts';
import { addPeopleCommands } from './commands/people.ts';
import { addRequestCommands } from './commands/requests.ts';
import { addStoreCommands } from './commands/store.ts';
import { urlOf } from './connection.ts';
import { EXIT, explain, type Finish } from './failure.ts';
import { Interruption, type Terminal } from './terminal.ts';
import { plain, plainLines } from './text.ts';

const HELP = `
Environment:
  COUNTERSIGN_URL     where the bot is (http://127.0.0.1:3000)
  COUNTERSIGN_TOKEN   the token of a pipeline
  COUNTERSIGN_PERSON  who decides, where --as is not given
  NO_COLOR            no colours

Examples:
  countersign demo
  countersign open deploy-prod --title "Deploy shop 1.4.2" --context version=1.4.2 --wait
  countersign list
  countersign approve req_01J9… --as ana

Exit codes: 0 done or approved · 1 rejected or refused · 2 cancelled · 3 could not tell · 130 interrupted.`;

/** @returns the exit code; everything that can be expected to go wrong has been said in a line by then */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = EXIT.done;
  try {
    const program = buildProgram(terminal, (code) => {
      exitCode = code;
    });
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.unknown;
    if (error instanceof Interruption) return error.exitCode;
    return complain(error, terminal);
  }
}

function complain(error: unknown, terminal: Terminal): number {
  const failure = explain(error, urlOf(terminal));
  const { paint } = terminal;
  if (failure === null) {
    const message = error instanceof Error ? error.message : String(error);
    terminal.say(`${paint('red', 'Unexpected error:')} ${plain(message)}`);
    if (terminal.env.LOG_LEVEL === 'debug' && error instanceof Error) terminal.say(plainLines(error.stack ?? ''));
    else terminal.say('This is a bug in countersign. LOG_LEVEL=debug shows where.');
    return EXIT.unknown;
  }
  for (const line of failure.message.split('\n')) terminal.say(`${paint('red', 'Error:')} ${line}`);
  if (failure.advice !== null) terminal.say(paint('dim', failure.advice));
  return failure.exitCode;
}

/** Exported for tests of the help texts. */
export function buildProgram(terminal: Terminal, finish: Finish): Command {
  const program = new Command('countersign')
    .description('Approvals for pipelines: opens requests, waits for them, decides them, and runs the bot itself.')
    .version(version(), '-V, --version')
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: false })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.say(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /, `${terminal.paint('red', 'Error:')} `)),
    })
    .addHelpText('after', HELP);
  addRequestCommands(program, terminal, finish);
  addDecisionCommands(program, terminal, finish);
  addPauseCommands(program, terminal, finish);
  addOperationCommands(program, terminal, finish);
  addPeopleCommands(program, terminal, finish);
  addStoreCommands(program, terminal, finish);
  return program;
}

/** Beside the sources in a checkout, and beside `dist` in the package. */
function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const manifest: { version?: unknown } = JSON.parse(text);
  return typeof manifest.version === 'string' ? manifest.version : 'unknown';
}
