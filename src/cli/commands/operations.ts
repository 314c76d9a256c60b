/**
 * src/cli/commands/operations.ts: serve, demo, gates, audit, receipt, deliveries and doctor. They work on config and database
 * themselves; what they need of the bot is loaded only when one of them runs, so that `wait` starts fast.
 */
import type { Command } from 'commander';
import type { ExportFlags, VerifyFlags } from '../audit.ts';
import type { ListDeliveriesFlags, RetryFlags } from '../deliveries.ts';
import type { DemoFlags } from '../demo.ts';
import type { Finish } from '../failure.ts';
import type { GateTestFlags } from '../gate-test.ts';
import type { ValidateFlags } from '../gates.ts';
import { collect, countFrom, requestId, weeksFrom } from '../options.ts';
import type { ReceiptFlags } from '../receipt.ts';
import type { SimulateFlags } from '../simulate.ts';
import type { StatsFlags } from '../stats.ts';
import type { Terminal } from '../terminal.ts';

export function addOperationCommands(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('serve')
    .summary('run the bot')
    .description('Runs the bot: API, web pages, ticks and deliveries. SIGHUP reads the config again, SIGTERM stops it.')
    .addHelpText(
      'after',
      '\nConfiguration: environment variables (see .env.example) and countersign.yaml.\nExample:\n  PORT=8080 countersign serve',
    )
    .action(async () => finish(await (await import('../serve.ts')).serve(terminal)));

  program
    .command('demo')
    .summary('play it all once, here, with nothing to set up')
    .description(
      'Starts a bot on a database of its own, opens a request as a pipeline would, asks you, and shows what the pipeline receives. Everything is removed afterwards.',
    )
    .option('--answer <answer>', 'approve or reject, where there is no terminal to ask at')
    .option('--keep', 'leave the config and the database, to look at')
    .addHelpText('after', '\nExamples:\n  countersign demo\n  countersign demo --answer approve')
    .action(async (flags: DemoFlags) => finish(await (await import('../demo.ts')).demo(terminal, flags)));

  const gates = program.command('gates').summary('check and test the gates of a config');
  gates
    .command('validate')
    .summary('check countersign.yaml, and say who is asked at each gate')
    .argument('[file]', 'default: COUNTERSIGN_CONFIG, else ./countersign.yaml')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 right · 1 wrong, one line for each problem.\nExample:\n  countersign gates validate countersign.yaml',
    )
    .action(async (file: string | undefined, flags: ValidateFlags) =>
      finish((await import('../gates.ts')).validateGates(terminal, file, flags)),
    );

  gates
    .command('simulate')
    .summary('play a request through before anything is sent: who is asked, when, and what silence does')
    .description(
      'Prints the whole timeline of a request with the engine of the bot and a virtual clock: which stages apply and why, who is asked and where, reminders, escalations, the target time and the end. Works on the config file; nothing is sent.',
    )
    .argument('<gate>', 'its name in the config')
    .option('--context <value>', 'as in open: key=value, key:=json, whole JSON or @file; several times', collect)
    .option('--context-file <file>', 'JSON in a file; --context is laid over it')
    .option('--requester <name>', 'who asks: a person’s name in the config, or their address')
    .option('--title <text>', 'instead of the gate’s own')
    .option('--at <time>', 'when it opens: 2026-12-24T22:00:00Z, or +2h (default: now)')
    .option('--vote <vote>', 'PERSON=OPTION@WHEN, such as ana=approve@+1h; several times', collect)
    .option('--explain <person>', 'why they may vote or not')
    .option('--config <file>', 'default: COUNTERSIGN_CONFIG, else ./countersign.yaml')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 it would open · 1 it would be refused · 3 could not tell (config, options).\nExamples:\n  countersign gates simulate deploy-prod --context version=1.4.2 --context risk:=9 --requester ben\n  countersign gates simulate deploy-prod --at 2026-12-24T22:00:00Z --vote ana=approve@+1h --explain ben',
    )
    .action(async (gate: string, flags: SimulateFlags) =>
      finish(await (await import('../simulate.ts')).simulateGate(terminal, gate, flags)),
    );

  gates
    .command('test')
    .summary('run the gate tests that stand beside the config')
    .description(
      'Plays each test in virtual time with the same engine as the bot, and says what went another way. Nothing is sent.',
    )
    .argument(
      '[files...]',
      'files of tests, or folders; default: every *.test.yaml beside the config, and in its folder "tests"',
    )
    .option(
      '--config <file>',
      'with files: what they are run against; else where to look for them (default: COUNTERSIGN_CONFIG)',
    )
    .option('--filter <text>', 'only tests with this in their own, their gate’s or their file’s name')
    .option('--junit <file>', 'write the results as JUnit XML, for CI')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 all passed · 1 some failed · 3 could not run (a file or config is wrong, or there are no tests).\nExamples:\n  countersign gates test\n  countersign gates test examples/gates --filter freeze --junit gates.xml',
    )
    .action(async (files: readonly string[], flags: GateTestFlags) =>
      finish(await (await import('../gate-test.ts')).testGates(terminal, files, flags)),
    );

  const audit = program.command('audit').summary('verify or export the audit log');
  audit
    .command('verify')
    .summary('recompute every hash, signature and snapshot of the log')
    .option('--since <file>', 'a checkpoint kept elsewhere: finds a cut tail or a restored backup')
    .option('--json', 'print JSON, with the newest checkpoint to keep')
    .addHelpText(
      'after',
      '\nExit codes: 0 whole · 1 not whole, one line for each fault · 3 could not tell.\nExamples:\n  countersign audit verify --json > kept.json\n  countersign audit verify --since kept.json',
    )
    .action(async (flags: VerifyFlags) => finish(await (await import('../audit.ts')).verifyAudit(terminal, flags)));
  audit
    .command('export')
    .summary('the whole log, in its order')
    .option('--format <format>', 'jsonl, json or csv', 'jsonl')
    .option('--out <file>', 'into this file instead of stdout')
    .addHelpText('after', '\nExample:\n  countersign audit export --format csv --out audit.csv')
    .action(async (flags: ExportFlags) => finish(await (await import('../audit.ts')).exportAudit(terminal, flags)));

  program
    .command('receipt')
    .summary('check the signed outcome of a request')
    .command('verify')
    .summary('check a receipt without asking the bot about the request')
    .argument('<file>', 'what GET /v1/requests/{id}/receipt answered, or the receipt alone; - reads stdin')
    .option('--jwks <place>', 'the keys: a file, or an address; default: the bot at COUNTERSIGN_URL')
    .option('--json', 'print what the receipt says as JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 genuine (whatever the outcome) · 1 not genuine · 3 could not tell.\nExamples:\n  countersign receipt verify receipt.json\n  countersign receipt verify - --jwks jwks.json < receipt.jws',
    )
    .action(async (file: string, flags: ReceiptFlags) =>
      finish(await (await import('../receipt.ts')).verifyReceipt(terminal, file, flags)),
    );

  const deliveries = program.command('deliveries').summary('what was sent out, and dead letters');
  deliveries
    .command('list')
    .summary('list deliveries of your requests, newest first')
    .option('--state <state>', 'queued, sending, sent, failed or dead')
    .option('--request <id>', 'of one request', requestId)
    .option('--limit <count>', 'how many at most', countFrom, 50)
    .option('--offline', 'of all pipelines, on the database itself')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  countersign deliveries list --state dead')
    .action(async (flags: ListDeliveriesFlags) =>
      finish(await (await import('../deliveries.ts')).listDeliveries(terminal, flags)),
    );
  deliveries
    .command('retry')
    .summary('send a dead letter again')
    .argument('[id]', 'the delivery')
    .option('--all-dead', 'all dead letters')
    .option('--offline', 'on the database of a stopped bot')
    .addHelpText(
      'after',
      '\nExamples:\n  countersign deliveries retry dlv_01J9…\n  countersign deliveries retry --all-dead',
    )
    .action(async (id: string | undefined, flags: RetryFlags) =>
      finish(await (await import('../deliveries.ts')).retryDeliveries(terminal, id, flags)),
    );

  program
    .command('stats')
    .summary('figures of gates and people: SLA, times, reminders')
    .description(
      'Figures of the gates that your pipeline may open, in ISO weeks (UTC). Those of people need `may: [stats]` of the pipeline.',
    )
    .option('--gate <name>', 'of one gate')
    .option('--person <name>', 'of one person')
    .option('--weeks <count>', 'how many weeks, the current one among them, 1 to 53', weeksFrom, 4)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  countersign stats\n  countersign stats --gate deploy-prod --weeks 12')
    .action(async (flags: StatsFlags) => finish(await (await import('../stats.ts')).stats(terminal, flags)));

  program
    .command('doctor')
    .summary('check what the bot needs, and say what to do')
    .description('Checks Node, environment, config, database, port, secret and addresses. Changes nothing.')
    .addHelpText('after', '\nExit codes: 0 nothing is in the way (! is worth a look) · 1 something is.')
    .action(async () => finish(await (await import('../doctor.ts')).doctor(terminal)));
}
