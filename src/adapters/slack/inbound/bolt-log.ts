/**
 * src/adapters/slack/inbound/bolt-log.ts: Bolt's log lines in ours. Its debug lines hold whole payloads and its errors
 * carry requests with them, so only warnings and worse are let through, and of an error only name and message.
 */
import { type Logger, LogLevel } from '@slack/bolt';
import type { SlackLog } from '../options.ts';

export function boltLog(log: SlackLog): Logger {
  const said = (parts: readonly unknown[]): string => parts.map(plain).join(' ').slice(0, 500);
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...parts) => log.warn({ from: 'bolt' }, said(parts)),
    error: (...parts) => log.error({ from: 'bolt' }, said(parts)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}

/** What may be said of an error: never what it holds on to. */
export function plain(part: unknown): string {
  if (part instanceof Error) return `${part.name}: ${part.message}`;
  return typeof part === 'string' ? part : typeof part;
}
