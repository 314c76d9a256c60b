/** src/cli/commands/store.ts: `store check` and `store copy`; the databases' drivers are loaded only when one runs. */
import type { Command } from 'commander';
import type { Finish } from '../failure.ts';
import type { CheckFlags, CopyFlags } from '../store.ts';
import type { Terminal } from '../terminal.ts';

export function addStoreCommands(program: Command, terminal: Terminal, finish: Finish): void {
  const store = program.command('store').summary('check the database, or move it to PostgreSQL');
  store
    .command('check')
    .summary('tables, counts and the whole trail, beside a running bot')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 whole · 1 not whole, one line for each fault · 3 could not tell.\nExample:\n  DATABASE_URL=postgres://… countersign store check',
    )
    .action(async (flags: CheckFlags) => finish(await (await import('../store.ts')).checkStore(terminal, flags)));
  store
    .command('copy')
    .summary('copy SQLite into an empty PostgreSQL database')
    .description(
      'Copies everything, with the bot stopped: requests, the whole trail with its hashes and signatures, keys, deliveries. The trail is verified before and after. A target that holds anything is refused.',
    )
    .requiredOption('--from <url>', 'sqlite:./data/countersign.db')
    .option('--to <url>', 'postgres://user@host/database; a password here stands in the process list')
    .option('--to-env <name>', 'the environment variable that holds the address, with its password')
    .addHelpText(
      'after',
      '\nExample:\n  TARGET=postgres://countersign:…@db/countersign countersign store copy --from sqlite:./data/countersign.db --to-env TARGET',
    )
    .action(async (flags: CopyFlags) => finish(await (await import('../store.ts')).copyStores(terminal, flags)));
}
