/** src/cli/commands/decisions.ts: approve, reject, cancel, nudge and bypass. */
import type { Command } from 'commander';
import { type ApprovalRequest, type Client, CountersignError, type JsonValue } from '../../client/index.ts';
import { askAgain, askForRest, type Decision, optionsOf } from '../ask.ts';
import { connect, personOf } from '../connection.ts';
import { outcomeText, progressText } from '../draw.ts';
import { CommandError, EXIT, type Finish } from '../failure.ts';
import { collect, requestId } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { jsonText, plain } from '../text.ts';

interface VoteFlags {
  readonly as?: string;
  readonly option?: string;
  readonly reason?: string;
  readonly input?: readonly string[];
  readonly change?: true;
  readonly json?: true;
}

const CODES = '\nExit codes: 0 counted · 1 refused, nothing was changed · 3 could not tell (network, token, usage).';

export function addDecisionCommands(program: Command, terminal: Terminal, finish: Finish): void {
  const words = [
    { verb: 'approve', outcome: 'approved', example: 'approve req_01J9… --as ana' },
    { verb: 'reject', outcome: 'rejected', example: 'reject req_01J9… --as ana --reason "Not on a Friday"' },
  ] as const;
  for (const { verb, outcome, example } of words)
    program
      .command(verb)
      .summary(`${verb} a request for a person`)
      .description(
        `Casts a vote that counts as ${outcome}. The pipeline needs \`may: [vote]\`, and the trail names it beside the person.`,
      )
      .argument('<id>', 'the request', requestId)
      .option('--as <person>', 'who votes; default COUNTERSIGN_PERSON')
      .option('--option <id>', 'one of the gate’s own options, where it has several')
      .option('--reason <text>', 'why')
      .option(
        '--input <name=value>',
        'an answer to the gate’s form (name:=json for lists, numbers, true); may be repeated',
        collect,
      )
      .option('--change', 'replace the vote that the person has cast')
      .option('--json', 'print the request as JSON')
      .addHelpText('after', `\nExample:\n  countersign ${example}\n${CODES}`)
      .action(async (id: string, flags: VoteFlags) => finish(await vote(terminal, id, outcome, flags)));

  program
    .command('cancel')
    .summary('cancel a pending request')
    .argument('<id>', 'the request', requestId)
    .option('--reason <text>', 'why')
    .option('--json', 'print the request as JSON')
    .addHelpText('after', CODES)
    .action(async (id: string, flags: { reason?: string; json?: true }) => {
      const client = connect(terminal, 'short');
      finish(
        await settled(terminal, () => client.cancel(id, flags.reason, { signal: terminal.interrupted }), flags.json),
      );
    });

  program
    .command('nudge')
    .summary('ask those who are missing again')
    .description('Everybody whose decision is missing gets a message. Once in 15 minutes.')
    .argument('<id>', 'the request', requestId)
    .option('--json', 'print the request as JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 asked · 1 refused, nobody was asked · 3 could not tell (network, token, usage).',
    )
    .action(async (id: string, flags: { json?: true }) => {
      const client = connect(terminal, 'short');
      const said = (request: ApprovalRequest) => `Asked again. ${progressText(request)}`;
      finish(await settled(terminal, () => client.nudge(id, { signal: terminal.interrupted }), flags.json, said));
    });

  program
    .command('bypass')
    .summary('break the glass: approve without votes, loudly')
    .description(
      'Approves without votes. Only people whom the gate names may; everybody is told, and it must be reviewed afterwards.',
    )
    .argument('<id>', 'the request', requestId)
    .requiredOption('--reason <text>', 'why it could not wait')
    .option('--as <person>', 'who breaks the glass; default COUNTERSIGN_PERSON')
    .option('--json', 'print the request as JSON')
    .addHelpText('after', CODES)
    .action(async (id: string, { as, reason, json }: { as?: string; reason: string; json?: true }) => {
      const person = whoActs(terminal, as);
      const client = connect(terminal, 'short');
      finish(
        await settled(terminal, () => client.bypass(id, { person, reason }, { signal: terminal.interrupted }), json),
      );
    });
}

async function vote(
  terminal: Terminal,
  id: string,
  outcome: 'approved' | 'rejected',
  flags: VoteFlags,
): Promise<number> {
  const person = whoActs(terminal, flags.as);
  const client = connect(terminal, 'short');
  const { interrupted: signal } = terminal;
  return settled(
    terminal,
    async () => {
      const request = await client.get(id, { signal });
      const given: Decision = {
        option: optionFrom(request, outcome, flags.option),
        inputs: inputsFrom(flags.input ?? []),
        ...(flags.reason !== undefined && { reason: flags.reason }),
      };
      const change = flags.change === true ? { change: true } : {};
      const cast = (decision: Decision) => client.vote(id, { person, ...change, ...decision }, { signal });
      const isAsked = terminal.isInteractive && flags.json !== true && request.status === 'pending';
      return isAsked ? castAsking(terminal, request, given, cast) : cast(given);
    },
    flags.json,
  );
}

/** At a terminal what is missing is asked for, instead of refused. */
async function castAsking(
  terminal: Terminal,
  request: ApprovalRequest,
  given: Decision,
  cast: (decision: Decision) => ReturnType<Client['vote']>,
): Promise<ApprovalRequest> {
  let decision = await askForRest(terminal, request, given, terminal.interrupted);
  for (;;) {
    try {
      return await cast(decision);
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      const again = await askAgain(terminal, request, decision, error.problem, terminal.interrupted);
      if (again === null) throw error;
      decision = again;
    }
  }
}

/** Says how the request stands now. A refusal by policy is exit code 1; a token or a network that fails is 3. */
async function settled(
  terminal: Terminal,
  change: () => Promise<ApprovalRequest>,
  asJson: true | undefined,
  said = (request: ApprovalRequest): string => `Counted. ${progressText(request)}`,
): Promise<number> {
  try {
    const request = await change();
    if (asJson) terminal.out(jsonText(request));
    else if (request.outcome === null) terminal.out(said(request));
    else terminal.out(outcomeText(request.outcome, terminal));
    return EXIT.done;
  } catch (error) {
    if (error instanceof CountersignError && [400, 403, 404, 409, 422].includes(error.status))
      throw new CommandError(error.message, null, EXIT.no);
    throw error;
  }
}

function whoActs(terminal: Terminal, as: string | undefined): string {
  const person = personOf(terminal, as);
  if (person === null) throw new CommandError('Who decides?', 'Say it with --as PERSON or COUNTERSIGN_PERSON.');
  return person;
}

function optionFrom(request: ApprovalRequest, outcome: 'approved' | 'rejected', asked: string | undefined): string {
  const fitting = optionsOf(request).filter((option) => option.outcome === outcome);
  const names = fitting.map(({ id }) => plain(id)).join(', ');
  if (asked !== undefined) {
    if (fitting.some(({ id }) => id === asked)) return asked;
    throw new CommandError(`This gate has no such option: ${asked}`, names === '' ? null : `It has: ${names}.`);
  }
  const [only, ...others] = fitting;
  if (only === undefined) throw new CommandError(`This gate has no option that counts as ${outcome}.`);
  if (others.length > 0)
    throw new CommandError('This gate has several such options.', `Choose with --option: ${names}.`);
  return only.id;
}

/** @throws CommandError for what is not name=value or name:=json */
function inputsFrom(given: readonly string[]): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(
    given.map((text) => {
      const [, name, sign, value] = /^([^=:]+)(:?=)(.*)$/s.exec(text) ?? [];
      if (name === undefined || value === undefined) throw new CommandError(`--input wants NAME=VALUE, not ${text}`);
      if (sign === '=') return [name, value];
      try {
        const json: JsonValue = JSON.parse(value);
        return [name, json];
      } catch {
        throw new CommandError(`The value of --input ${name} is not JSON.`);
      }
    }),
  );
}
