/** src/cli/serve.ts: `serve`: the bot, until it is told to stop. */
import { startBot } from '../bot/main.ts';
import { EXIT } from './failure.ts';
import { asCommandError } from './offline.ts';
import type { Terminal } from './terminal.ts';

/** Resolves once the bot has stopped after SIGINT or SIGTERM; a second signal ends the process at once. */
export async function serve(terminal: Terminal): Promise<number> {
  const bot = await startBot({ env: terminal.env }).catch((error: unknown) => {
    throw asCommandError(error) ?? error;
  });
  const reload = () => void bot.reload();
  process.on('SIGHUP', reload);
  await new Promise<void>((resolve) => {
    if (terminal.interrupted.aborted) resolve();
    else terminal.interrupted.addEventListener('abort', () => resolve(), { once: true });
  });
  process.off('SIGHUP', reload);
  await bot.stop();
  return EXIT.done;
}
