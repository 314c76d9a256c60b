/** src/cli/store.ts: `store check` and `store copy`: the database itself, looked at or moved. */
import { existsSync } from 'node:fs';
import { readEnvironment } from '../bot/environment.ts';
import { databaseFileOf, deriveKeys, secretFor } from '../bot/keys.ts';
import { fold } from '../engine/evolve.ts';
import { CopyError, copyStore } from '../store/copy.ts';
import { NEWEST_VERSION } from '../store/migrations.ts';
import { CommandError, EXIT } from './failure.ts';
import { asCommandError, withStore } from './offline.ts';
import type { Terminal } from './terminal.ts';
import { jsonText, plain } from './text.ts';

export interface CheckFlags {
  readonly json?: true;
}

/** 0: the tables are up to date and the trail is whole. 1: the trail is not. 3: it could not be opened. */
export function checkStore(terminal: Terminal, { json }: CheckFlags): Promise<number> {
  return withStore(terminal, 'read', async (store) => {
    const stats = await store.stats();
    const { events, checkpoints, head, faults } = await store.verify({ fold });
    const exit = faults.length === 0 ? EXIT.done : EXIT.no;
    if (json) {
      terminal.out(jsonText({ schema: NEWEST_VERSION, ...stats, events, checkpoints, head, faults }));
      return exit;
    }
    const { pending, deliveries } = stats;
    const good = terminal.paint('green', '✓');
    terminal.out(`${good} tables at version ${NEWEST_VERSION}`);
    const counts = Object.entries(deliveries).map(([state, count]) => `${count} ${state}`);
    terminal.out(`${good} ${pending} pending; deliveries: ${counts.join(', ')}`);
    for (const { where, fault } of faults)
      terminal.out(`${terminal.paint('red', '✗')} ${plain(where)}: ${plain(fault)}`);
    if (faults.length === 0) terminal.out(`${good} ${events} events, ${checkpoints} checkpoints, head ${head}`);
    return exit;
  });
}

export interface CopyFlags {
  readonly from: string;
  readonly to?: string;
  /** The environment variable that holds what `to` would. */
  readonly toEnv?: string;
}

/** Copies SQLite to an empty PostgreSQL while the bot is stopped; both trails are verified. */
export async function copyStores(terminal: Terminal, { from, ...target }: CopyFlags): Promise<number> {
  const to = targetOf(terminal, target);
  const file = databaseFileOf(from);
  if (file === null || !/^postgres(ql)?:\/\//.test(to))
    throw new CommandError(
      'A store is copied from SQLite to PostgreSQL.',
      'countersign store copy --from sqlite:./data/countersign.db --to-env NAME, which holds postgres://…',
    );
  if (!existsSync(file)) throw new CommandError(`There is no database at ${file}.`, '--from says where it is.');
  if (!URL.canParse(to))
    throw new CommandError(
      'The target is no valid address; special characters in its password must be percent-encoded.',
    );
  try {
    const { secret } = readEnvironment({ ...terminal.env, DATABASE_URL: from });
    if (secret === null && !existsSync(`${file}.secret`))
      throw new CommandError(
        'Without the secret, signatures can’t be checked.',
        'Set COUNTERSIGN_SECRET as the bot has it.',
      );
    const { rows, verification } = await copyStore({
      file,
      url: to,
      signer: deriveKeys(secretFor(secret, file)).checkpoints,
      fold,
      onWarning: (message) => terminal.say(plain(message)),
      onTable: (name, count) => terminal.say(terminal.paint('dim', `${name}: ${count}`)),
    });
    terminal.out(
      `${terminal.paint('green', '✓')} ${rows.requests} requests, ${verification.events} events, ${verification.checkpoints} checkpoints, head ${verification.head}`,
    );
    terminal.say(
      secret === null
        ? `Point DATABASE_URL at the copy, and set COUNTERSIGN_SECRET to what ${plain(file)}.secret holds.`
        : 'Point DATABASE_URL at the copy; COUNTERSIGN_SECRET stays.',
    );
    return EXIT.done;
  } catch (error) {
    if (error instanceof CopyError) throw new CommandError(error.message);
    throw asCommandError(error) ?? error;
  }
}

/** The address to copy to. What other users of the machine can read in the process list is warned of. */
function targetOf(terminal: Terminal, { to, toEnv }: Omit<CopyFlags, 'from'>): string {
  if ((to === undefined) === (toEnv === undefined))
    throw new CommandError('Say where to with either --to or --to-env.', 'countersign store copy --help');
  if (toEnv !== undefined) {
    const address = terminal.env[toEnv];
    if (!address)
      throw new CommandError(`${plain(toEnv)} is not set in the environment.`, '--to-env names the variable.');
    return address;
  }
  if (to !== undefined && URL.canParse(to) && new URL(to).password !== '')
    terminal.say('The password in --to stands in the process list; --to-env keeps it out.');
  return to ?? '';
}
