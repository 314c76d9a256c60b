/** src/cli/follow.ts: waits for the decision at the terminal, and lets the person there take it where they may. */
import {
  type ApprovalRequest,
  type Client,
  CountersignError,
  type DecidedRequest,
  UnexpectedAnswerError,
  UnreachableError,
} from '../client/index.ts';
import { askAgain, askForDecision, QuestionWithdrawn } from './ask.ts';
import { outcomeText, progressText, timeLeft } from './draw.ts';
import { EXIT } from './failure.ts';
import { type StatusLine, statusLine } from './status-line.ts';
import { Interruption, type Terminal } from './terminal.ts';
import { durationText, jsonText, plain } from './text.ts';

export interface FollowOptions {
  readonly id: string;
  readonly from: ApprovalRequest | null;
  /** Who is asked at this terminal; null: nobody. */
  readonly as: string | null;
  readonly timeoutMs: number | null;
  /** Nothing stays when the waiting ends: there is nothing to come back to. */
  readonly isFleeting?: boolean;
}

/**
 * Waits, says meanwhile how things stand, and resolves with the decided request.
 * @throws Interruption after having said that the request stays open; whatever `client.wait` throws
 */
export async function follow(client: Client, terminal: Terminal, options: FollowOptions): Promise<DecidedRequest> {
  const { id, from, as, timeoutMs } = options;
  const over = new AbortController();
  const line = statusLine(terminal);
  const screen = new Screen(terminal, line);
  if (as !== null) screen.quiet();
  const stop = () => over.abort(terminal.interrupted.reason);
  terminal.interrupted.addEventListener('abort', stop, { once: true });
  if (terminal.interrupted.aborted) stop();
  try {
    if (from !== null) screen.update(from);
    const waiting = client.wait(id, {
      signal: over.signal,
      ...(from !== null && { from }),
      ...(timeoutMs !== null && { timeoutMs }),
      onProgress: (request) => screen.update(request),
      onRetry: (error, delayMs) => screen.trouble(error, delayMs),
    });
    const watching = terminal.isAnimated ? watch(client, id, screen, over.signal) : Promise.resolve();
    const asking =
      as === null || from === null || from.status !== 'pending'
        ? null
        : ask(client, terminal, screen, from, as, waiting);
    const [decided] = await Promise.all([waiting, asking]);
    over.abort();
    await watching;
    return decided;
  } catch (error) {
    line.stop();
    if (error instanceof Interruption && options.isFleeting !== true)
      terminal.say(`The request stays open. Come back with: countersign wait ${plain(id)}`);
    throw error;
  } finally {
    over.abort();
    line.stop();
    terminal.interrupted.removeEventListener('abort', stop);
  }
}

/** Prints the outcome and gives its exit code. */
export function conclude(terminal: Terminal, request: DecidedRequest, asJson: boolean): number {
  if (asJson) terminal.out(jsonText({ id: request.id, gate: request.gate, ...request.outcome }));
  else terminal.out(outcomeText(request.outcome, terminal));
  switch (request.status) {
    case 'approved':
      return EXIT.approved;
    case 'rejected':
      return EXIT.no;
    case 'cancelled':
      return EXIT.cancelled;
  }
}

/** The status line, silent while a question stands on the screen. */
class Screen {
  readonly #terminal: Terminal;
  readonly #line: StatusLine;
  #isQuiet = false;
  #latest: ApprovalRequest | null = null;

  constructor(terminal: Terminal, line: StatusLine) {
    this.#terminal = terminal;
    this.#line = line;
  }

  /** The newest state that is known. */
  get latest(): ApprovalRequest | null {
    return this.#latest;
  }

  update(request: ApprovalRequest): void {
    if (request.status !== 'pending' || request.version < (this.#latest?.version ?? 0)) return;
    this.#latest = request;
    if (!this.#isQuiet) this.#line.show(progressText(request), () => timeLeft(request, this.#terminal.now()));
  }

  trouble(error: Error, delayMs: number): void {
    if (!this.#isQuiet) this.#line.show(`${plain(error.message)} Trying again`, () => `in ${durationText(delayMs)}`);
  }

  quiet(): void {
    this.#isQuiet = true;
    this.#line.stop();
  }

  resume(): void {
    this.#isQuiet = false;
    if (this.#latest !== null) this.update(this.#latest);
  }
}

/** Keeps the line fresh by the event stream. Nothing depends on it: the long poll alone says what was decided. */
async function watch(client: Client, id: string, screen: Screen, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of client.events(id, { signal })) screen.update(await client.get(id, { signal }));
  } catch (error) {
    const isKnown =
      signal.aborted ||
      error instanceof CountersignError ||
      error instanceof UnreachableError ||
      error instanceof UnexpectedAnswerError;
    if (!isKnown) throw error;
  }
}

/** Asks the person here until their vote is taken or the request is decided elsewhere. */
async function ask(
  client: Client,
  terminal: Terminal,
  screen: Screen,
  request: ApprovalRequest,
  person: string,
  waiting: Promise<DecidedRequest>,
): Promise<void> {
  const withdrawn = new AbortController();
  const withdraw = () => withdrawn.abort();
  waiting.then(withdraw, withdraw);
  screen.quiet();
  try {
    let decision = await askForDecision(terminal, request, withdrawn.signal);
    for (;;) {
      try {
        const after = await client.vote(request.id, { person, ...decision }, { signal: withdrawn.signal });
        if (after.status === 'pending') terminal.say('Your vote is counted.');
        screen.update(after);
        return;
      } catch (error) {
        if (withdrawn.signal.aborted) throw new QuestionWithdrawn();
        if (!(error instanceof CountersignError || error instanceof UnreachableError)) throw error;
        terminal.say(`${terminal.paint('yellow', 'Not counted:')} ${plain(error.message)}`);
        const problem = error instanceof CountersignError ? error.problem : null;
        const again = await askAgain(terminal, request, decision, problem, withdrawn.signal);
        if (again === null) return;
        decision = again;
      }
    }
  } catch (error) {
    if (!(error instanceof QuestionWithdrawn)) throw error;
  } finally {
    screen.resume();
  }
}
