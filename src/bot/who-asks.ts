/** src/bot/who-asks.ts: in whose name a command came, for the log. */
import type { Command } from '../engine/request.ts';

/** A person or a pipeline; undefined: time itself. */
export function whoAsks(command: Command): string | undefined {
  if ('person' in command) return command.person;
  if ('from' in command && command.type === 'delegate') return command.from;
  if ('content' in command) return command.content.pipeline;
  if (!('by' in command)) return undefined;
  if (typeof command.by === 'string') return command.by;
  return command.by.kind === 'person' ? command.by.person : command.by.pipeline;
}
