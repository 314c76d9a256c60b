/**
 * src/cli/commands/operations.ts: serve, demo, gates, audit, receipt, deliveries and doctor. They work on config and database
 * themselves; what they need of the bot is loaded only when one of them runs, so that `wait` starts fast.
 */
import type { Command } from 'commander';
import type { ExportFlags, VerifyFlags } from '../audit.ts';
import type { ListDeliveriesFlags, RetryFlags } from '../deliveries.ts';
import type { DemoFlags } from '../demo.ts';
import type { Finish } from '../failure.ts';
import type { ValidateFlags } from '../gates.ts';
import { countFrom, requestId } from '../options.ts';
import type { ReceiptFlags } from '../receipt.ts';
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

  const gates = program.command('gates').summary('check the gates of a config');
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
    .command('doctor')
    .summary('check what the bot needs, and say what to do')
    .description('Checks Node, environment, config, database, port, secret and addresses. Changes nothing.')
    .addHelpText('after', '\nExit codes: 0 nothing is in the way (! is worth a look) · 1 something is.')
    .action(async () => finish(await (await import('../doctor.ts')).doctor(terminal)));
}
