/**
 * src/cli/terminal.ts: where a command reads and writes. Results go to `out`; everything that is said about them goes
 * to `say`, so that `--json` leaves nothing but JSON on stdout.
 */
import type { Readable, Writable } from 'node:stream';
import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input: Readable;
  /** stdout, for what is too long to be held in memory. */
  readonly output: Writable;
  /** stderr: where prompts and the status line are drawn. */
  readonly screen: Writable;
  /** A person is there to be asked: input and screen are a terminal. */
  readonly isInteractive: boolean;
  /** The screen can be drawn over: a spinner makes sense. */
  readonly isAnimated: boolean;
  /** Aborted by Ctrl-C or SIGTERM, with an Interruption as its reason. */
  readonly interrupted: AbortSignal;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** One line, or more, to stdout. */
  out(text: string): void;
  /** One line, or more, to stderr. */
  say(text: string): void;
  paint(style: Style | readonly Style[], text: string): string;
}

/** Ctrl-C and SIGTERM, with the exit code a shell expects of them. */
export class Interruption extends Error {
  readonly exitCode: 130 | 143;
  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(signal === 'SIGINT' ? 'Interrupted.' : 'Terminated.');
    this.name = 'Interruption';
    this.exitCode = signal === 'SIGINT' ? 130 : 143;
  }
}

/** The process's own terminal. Hears the first SIGINT and SIGTERM; a second one ends the process at once. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => interruption.abort(new Interruption(signal)));
  // A reader that stopped early (`| head`) takes nothing more; that is no failure of the command.
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  // Some pseudo-terminals (script, expect, CI) say they are 0 columns wide; drawing for that is unreadable.
  if (stderr.isTTY && stderr.columns === 0) Object.assign(stderr, { columns: 80, rows: 24 });
  const isColored = hasColors(env, stderr.isTTY === true);
  return {
    env,
    input: stdin,
    output: stdout,
    screen: stderr,
    isInteractive: stdin.isTTY === true && stderr.isTTY === true,
    isAnimated: stderr.isTTY === true && env.TERM !== 'dumb' && env.CI === undefined,
    interrupted: interruption.signal,
    now: () => Date.now(),
    out: (text) => void stdout.write(`${text}\n`),
    say: (text) => void stderr.write(`${text}\n`),
    paint: (style, text) => (isColored ? painted(style, text) : text),
  };
}

/** https://no-color.org and FORCE_COLOR; else colours where the screen is a terminal. */
export function hasColors(env: Terminal['env'], isTerminal: boolean): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0') return true;
  return isTerminal && env.TERM !== 'dumb';
}

export const painted = (style: Style | readonly Style[], text: string): string =>
  [style].flat().reduce((inner, name) => styleText(name, inner), text);
