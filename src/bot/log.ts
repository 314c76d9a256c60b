/**
 * src/bot/log.ts: the log: JSON lines with allow-listed fields. Secrets that the process knows are scrubbed from the
 * finished line, because redaction by path misses what hides in a message or a URL.
 */
import { Writable } from 'node:stream';
import { type Logger, pino, stdSerializers } from 'pino';

const REDACTED = [
  'req.headers.authorization',
  'req.headers.cookie',
  '*.token',
  '*.secret',
  '*.password',
  '*.callbackSecret',
];
/** Shorter values would match by accident. */
const SHORTEST_SECRET = 8;

export interface Scrubber {
  /** Values that must not appear from now on; they are added to those known before. */
  learn(secrets: readonly string[]): void;
  clean(line: string): string;
}

export function createScrubber(): Scrubber {
  const known = new Set<string>();
  return {
    learn(secrets) {
      for (const secret of secrets) if (secret.length >= SHORTEST_SECRET) known.add(secret);
    },
    clean(line) {
      let cleaned = line;
      for (const secret of known) if (cleaned.includes(secret)) cleaned = cleaned.replaceAll(secret, '[redacted]');
      return cleaned.replace(/(https?:\/\/)[^\s/@"]+@/g, '$1[redacted]@');
    },
  };
}

export function createLog(level: string, scrubber: Scrubber, out: NodeJS.WritableStream = process.stdout): Logger {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      out.write(scrubber.clean(String(chunk)), () => done());
    },
  });
  return pino(
    {
      level,
      redact: { paths: REDACTED, censor: '[redacted]' },
      serializers: { err: stdSerializers.err },
      timestamp: pino.stdTimeFunctions.isoTime,
      base: null,
    },
    stream,
  );
}
