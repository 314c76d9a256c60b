/** test/cli/test-terminal.ts: a terminal that remembers what was written to it. */
import { PassThrough } from 'node:stream';
import { painted, type Terminal } from '../../src/cli/terminal.ts';

export interface TestTerminal extends Terminal {
  /** What stands on stdout. */
  stdout(): string;
  /** What stands on stderr. */
  stderr(): string;
  readonly interrupt: AbortController;
}

export function testTerminal(
  env: Record<string, string>,
  options: { readonly isColored?: boolean; readonly isAnimated?: boolean; readonly isInteractive?: boolean } = {},
): TestTerminal {
  const interrupt = new AbortController();
  const output = new PassThrough();
  const out: string[] = [];
  output.on('data', (chunk) => out.push(String(chunk)));
  const screen = new PassThrough();
  const said: string[] = [];
  screen.on('data', (chunk) => said.push(String(chunk)));
  return {
    env,
    input: new PassThrough(),
    output,
    screen,
    isInteractive: options.isInteractive ?? false,
    isAnimated: options.isAnimated ?? false,
    interrupted: interrupt.signal,
    interrupt,
    now: () => Date.parse('2026-03-01T10:00:00Z'),
    out: (text) => void output.write(`${text}\n`),
    say: (text) => void screen.write(`${text}\n`),
    paint: (style, text) => (options.isColored ? painted(style, text) : text),
    stdout: () => out.join(''),
    stderr: () => said.join(''),
  };
}
