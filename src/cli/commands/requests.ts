/** src/cli/commands/requests.ts: open, wait, list and show. */
import type { Command } from 'commander';
import type { ApprovalRequest, Client, ListFilter } from '../../client/index.ts';
import { connect, personOf } from '../connection.ts';
import { requestLines, tableOf } from '../draw.ts';
import { CommandError, EXIT, type Finish } from '../failure.ts';
import { conclude, follow } from '../follow.ts';
import { type OpenFlags, openRequestFrom } from '../opening.ts';
import { collect, countFrom, requestId, secondsFrom } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { jsonText, plain } from '../text.ts';

const WAIT_CODES = `
Exit codes: 0 approved · 1 rejected · 2 cancelled · 3 could not tell (network, token, usage) · 130 interrupted.
The request stays open when waiting ends early; "countersign wait ID" takes it up again.`;

interface OpenCommandFlags extends OpenFlags {
  readonly idempotencyKey?: string;
  readonly wait?: true;
  readonly interactive?: true;
  readonly as?: string;
  readonly waitFor?: number;
  readonly json?: true;
}

export function addRequestCommands(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('open')
    .summary('open a request at a gate, and wait for the answer if asked to')
    .description('Opens a request at a gate. Prints its id, or with --wait the outcome.')
    .argument('<gate>', 'a gate of the server’s config, or adhoc')
    .option('--title <text>', 'what is asked, in a line')
    .option('--description <markdown>', 'more about it')
    .option(
      '--context <value>',
      'what the gate’s rules see: JSON, @file, key=value (text) or key:=json; may be repeated',
      collect,
    )
    .option('--field <label=value>', 'a fact to show; may be repeated', collect)
    .option('--artifact <name=url>', 'a link to show; may be repeated', collect)
    .option('--subject <name[@digest]>', 'what is approved, such as an image and its digest')
    .option('--requester <person>', 'who asks: a name of the directory, or an email address')
    .option('--callback <url>', 'where the signed outcome is sent')
    .option('--supersedes <key>', 'cancels an older pending request with this key')
    .option('--approver <ref>', 'who is asked, where the gate lets a request say so; may be repeated', collect)
    .option('--quorum <quorum>', 'how many, likewise: 2, all, majority, 60%')
    .option('--timeout <duration>', 'by when, likewise: 30m, 24h')
    .option('--idempotency-key <key>', 'the same key and request open nothing twice: name the run')
    .option('--wait', 'wait until it is decided; the exit code says how')
    .option('--wait-for <duration>', 'wait at most this long (implies --wait)', secondsFrom)
    .option('--interactive', 'at a terminal, ask for the decision right here (implies --wait)')
    .option('--as <person>', 'who decides here; default COUNTERSIGN_PERSON')
    .option('--json', 'print JSON on stdout, and nothing else there')
    .addHelpText(
      'after',
      `
Examples:
  countersign open deploy-prod --title "Deploy shop 1.4.2" --context version=1.4.2 --context risk:=7 --wait
  countersign open deploy-prod --context @plan.json --idempotency-key "$CI_PIPELINE_ID" --wait --json
  countersign open adhoc --title "Drop the old table?" --approver ana --wait --interactive --as ana
${WAIT_CODES}`,
    )
    .action(async (gate: string, flags: OpenCommandFlags) => finish(await open(terminal, gate, flags)));

  program
    .command('wait')
    .summary('wait until a request is decided')
    .description('Waits until a request is decided, over restarts of the server and of this command.')
    .argument('<id>', 'the request', requestId)
    .option('--wait-for <duration>', 'wait at most this long', secondsFrom)
    .option('--json', 'print the outcome as JSON on stdout, and nothing else there')
    .addHelpText('after', `\nExamples:\n  countersign wait req_01J9… && ./deploy.sh\n${WAIT_CODES}`)
    .action(async (id: string, flags: { waitFor?: number; json?: true }) => {
      const options = { id, from: null, as: null, timeoutMs: millis(flags.waitFor) };
      const decided = await follow(connect(terminal, 'long'), terminal, options);
      finish(conclude(terminal, decided, flags.json === true));
    });

  program
    .command('list')
    .summary('list requests, pending ones by default')
    .option('--status <status>', 'pending, approved, rejected, cancelled or any', 'pending')
    .option('--gate <gate>', 'of one gate')
    .option('--approver <person>', 'that ask this person now')
    .option('--search <text>', 'with this in the title')
    .option('--limit <count>', 'how many at most', countFrom, 50)
    .option('--cursor <cursor>', 'the next page: what the page before it said')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  countersign list\n  countersign list --status any --gate deploy-prod --json')
    .action(async (flags: ListFlags) => finish(await list(terminal, flags)));

  program
    .command('show')
    .summary('show a request: facts, stages, votes, outcome')
    .argument('<id>', 'the request', requestId)
    .option('--json', 'print JSON')
    .action(async (id: string, flags: { json?: true }) => {
      const request = await connect(terminal, 'short').get(id, { signal: terminal.interrupted });
      terminal.out(flags.json ? jsonText(request) : requestLines(request, terminal).join('\n'));
      finish(EXIT.done);
    });
}

async function open(terminal: Terminal, gate: string, flags: OpenCommandFlags): Promise<number> {
  const asJson = flags.json === true;
  const client = connect(terminal, 'long');
  const asked = openRequestFrom(gate, flags);
  const as = flags.interactive ? await whoDecidesHere(client, terminal, flags.as) : null;
  const request = await client.open(asked, {
    signal: terminal.interrupted,
    ...(flags.idempotencyKey !== undefined && { idempotencyKey: flags.idempotencyKey }),
  });
  const waits = flags.wait === true || flags.interactive === true || flags.waitFor !== undefined;
  if (!waits) {
    terminal.say(`Opened: ${plain(request.title)}${webLine(request)}`);
    terminal.out(asJson ? jsonText(request) : plain(request.id));
    return EXIT.done;
  }
  terminal.say(`${plain(request.id)} · ${plain(request.title)}${webLine(request)}`);
  const decided = await follow(client, terminal, {
    id: request.id,
    from: request,
    as,
    timeoutMs: millis(flags.waitFor),
  });
  return conclude(terminal, decided, asJson);
}

/** The person who is asked here, or null after having said why nobody is. */
async function whoDecidesHere(client: Client, terminal: Terminal, as: string | undefined): Promise<string | null> {
  const person = personOf(terminal, as);
  if (!terminal.isInteractive) terminal.say('This is no terminal to ask at, so just waiting.');
  else if (person === null) terminal.say('Nobody is asked here: say who you are with --as or COUNTERSIGN_PERSON.');
  else if (!(await client.whoami({ signal: terminal.interrupted })).may.includes('vote'))
    terminal.say('Nobody is asked here: this token may not vote (its pipeline needs `may: [vote]`).');
  else return person;
  return null;
}

interface ListFlags {
  readonly status: string;
  readonly gate?: string;
  readonly approver?: string;
  readonly search?: string;
  readonly limit: number;
  readonly cursor?: string;
  readonly json?: true;
}

async function list(
  terminal: Terminal,
  { status, gate, approver, search, limit, cursor, json }: ListFlags,
): Promise<number> {
  const filter: ListFilter = {
    ...(status !== 'any' && { status: statusFrom(status) }),
    ...(gate !== undefined && { gate }),
    ...(approver !== undefined && { approver }),
    ...(search !== undefined && { q: search }),
    ...(cursor !== undefined && { cursor }),
    limit,
  };
  const page = await connect(terminal, 'short').list(filter, { signal: terminal.interrupted });
  if (json) terminal.out(jsonText(page));
  else if (page.requests.length > 0) terminal.out(tableOf(page.requests, terminal).join('\n'));
  else terminal.say(status === 'pending' ? 'Nothing is pending.' : 'Nothing found.');
  if (page.cursor !== null) terminal.say(`More: --cursor ${plain(page.cursor)}`);
  return EXIT.done;
}

function statusFrom(text: string): ApprovalRequest['status'] {
  switch (text) {
    case 'pending':
    case 'approved':
    case 'rejected':
    case 'cancelled':
      return text;
    default:
      throw new CommandError(`No such status: ${text}`, 'pending, approved, rejected, cancelled or any.');
  }
}

const webLine = ({ links }: ApprovalRequest): string =>
  links.web === undefined ? '' : `\nDecide: ${plain(links.web)}`;
const millis = (seconds: number | undefined): number | null => (seconds === undefined ? null : seconds * 1000);
