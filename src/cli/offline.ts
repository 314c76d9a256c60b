/** src/cli/offline.ts: the database itself, for commands that work without a running bot or beside one. */
import { existsSync } from 'node:fs';
import { ConfigError } from '../bot/config/index.ts';
import { readEnvironment } from '../bot/environment.ts';
import { databaseFileOf, deriveKeys, secretFor } from '../bot/keys.ts';
import { fold } from '../engine/evolve.ts';
import { DatabaseUrlError, openStore } from '../store/open.ts';
import { type Store, StoreUnavailableError, UnsuitableDatabaseError } from '../store/port.ts';
import { StoreLockedError, StoreVersionError } from '../store/sqlite.ts';
import { CommandError, EXIT } from './failure.ts';
import type { Terminal } from './terminal.ts';

/**
 * Opens the database that DATABASE_URL names, runs, and closes it.
 * @param mode `read` never writes and works beside a running bot; `write` needs the bot to be stopped
 * @throws CommandError where the environment, the secret or the database can't be used
 */
export async function withStore<Result>(
  terminal: Terminal,
  mode: 'read' | 'write',
  use: (store: Store) => Promise<Result>,
): Promise<Result> {
  const store = await opened(terminal, mode);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

async function opened(terminal: Terminal, mode: 'read' | 'write'): Promise<Store> {
  try {
    const { databaseUrl, secret, oldSecrets } = readEnvironment(terminal.env);
    const file = databaseFileOf(databaseUrl);
    const isFile = databaseUrl.startsWith('sqlite:');
    if (isFile && file === null)
      throw new CommandError('This database lives in the memory of the bot: there is nothing to open.');
    if (file !== null && !existsSync(file))
      throw new CommandError(`There is no database at ${file}.`, 'DATABASE_URL says where it is.');
    if (secret === null && !(file !== null && existsSync(`${file}.secret`)))
      throw new CommandError(
        'Without the secret, signatures can’t be checked.',
        'Set COUNTERSIGN_SECRET as the bot has it.',
      );
    return await openStore(databaseUrl, {
      signer: deriveKeys(secretFor(secret, file), oldSecrets).checkpoints,
      fold,
      clock: terminal.now,
      onWarning: (message) => terminal.say(message),
      readOnly: mode === 'read',
    });
  } catch (error) {
    if (error instanceof StoreLockedError)
      throw new CommandError(error.message, 'While the bot runs, leave out --offline.');
    throw asCommandError(error) ?? error;
  }
}

/** What a wrong environment or an unusable database says, as a command's failure; null for bugs. */
export function asCommandError(error: unknown): CommandError | null {
  if (
    error instanceof ConfigError ||
    error instanceof StoreLockedError ||
    error instanceof StoreVersionError ||
    error instanceof DatabaseUrlError ||
    error instanceof StoreUnavailableError ||
    error instanceof UnsuitableDatabaseError
  )
    return new CommandError(error.message, null, EXIT.unknown);
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (!(error instanceof Error) || code === '') return null;
  if (code.startsWith('SQLITE_')) return new CommandError(`The database can't be used: ${error.message} (${code})`);
  if (code === 'EADDRINUSE')
    return new CommandError(
      'The port is taken.',
      'Set PORT to another one; countersign doctor says who answers there.',
    );
  if (code === 'EADDRNOTAVAIL' || (code === 'EACCES' && error.message.startsWith('listen')))
    return new CommandError(`It can't listen there: ${error.message}`, 'HOST and PORT say where.');
  return null;
}
