/**
 * src/bot/log.ts: the log: JSON lines with allow-listed fields. Secrets that the process knows are scrubbed from the
 * finished line, because redaction by path misses what hides in a message or a URL.
 */
import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';

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

export interface Logs {
  /** For everything: redacted by path as well. */
  readonly log: Logger;
  /** For the one line of each commit, whose few fields are ours: redaction by path would cost more than the rest of it. */
  readonly decisions: Logger;
}

export function createLogs(level: string, scrubber: Scrubber, out: NodeJS.WritableStream = process.stdout): Logs {
  const stream = collectLines((text) => out.write(scrubber.clean(text)));
  const options = {
    level,
    serializers: { err: stdSerializers.err },
    timestamp: pino.stdTimeFunctions.isoTime,
    base: null,
  };
  return {
    log: pino({ ...options, redact: { paths: REDACTED, censor: '[redacted]' } }, stream),
    decisions: pino(options, stream),
  };
}

/** The lines of one turn of the event loop are cleaned and written together; a warning or worse goes out at once. */
function collectLines(write: (text: string) => void): DestinationStream {
  let lines = '';
  const flush = (): void => {
    if (lines === '') return;
    write(lines);
    lines = '';
  };

  return {
    write(line) {
      if (lines === '') setImmediate(flush);
      lines += line;
      if (!INFO_OR_LESS.test(line)) flush();
    },
  };
}

/** pino writes the level first: 10 trace, 20 debug, 30 info. */
const INFO_OR_LESS = /^\{"level":[123]0,/;
