/**
 * test/fake/channel.ts: a chat platform in memory. It keeps what was posted, refuses what a platform refuses (too many
 * calls in a row, an update of a message that it does not have, text that is no text), and fails as a test scripts it.
 */
import {
  type Address,
  type Channel,
  type MessageRef,
  type Notice,
  type Outgoing,
  RefusedError,
  UnavailableError,
} from '../../src/adapters/channel.ts';

export interface FakeMessage {
  readonly key: string;
  readonly ref: MessageRef;
  readonly to: Address;
  readonly kind: 'surface' | Notice['kind'];
  /** The message that it stands under. */
  readonly thread: MessageRef | null;
  /** Of the request, as last shown. */
  version: number;
  status: string;
  updates: number;
}

export type Verb = 'post' | 'update' | 'find' | 'notify';

export type Trouble =
  /** Throws this before anything is done. */
  | { readonly fail: unknown }
  /** Does it, and the answer is lost. */
  | 'loseAnswer'
  /** Does nothing until the attempt is ended. */
  | 'hang'
  /** Does nothing and doesn't heed the signal either. */
  | 'deaf'
  | 'none';

export class FakeChannel implements Channel {
  readonly kind: string;
  readonly minIntervalMs: number;
  /** A test switches it on. */
  hasThreads = false;
  readonly messages: FakeMessage[] = [];
  readonly calls: { readonly verb: Verb; readonly key: string; readonly to: string; readonly at: number }[] = [];
  /** Calls under way, and the most there ever were. */
  underWay = 0;
  mostUnderWay = 0;
  /** Calls to one address while another one to it was under way. */
  overlaps = 0;
  /** Each serves one call (of `find` too); then `trouble` again. */
  readonly script: Trouble[] = [];
  trouble: (message: Outgoing, verb: Verb) => Trouble = () => 'none';
  private readonly clock: () => number;
  private readonly busy = new Set<string>();
  private readonly lastCallAt = new Map<string, number>();
  private lastRef = 0;

  constructor(kind: string, clock: () => number, minIntervalMs = 0) {
    this.kind = kind;
    this.clock = clock;
    this.minIntervalMs = minIntervalMs;
  }

  count(verb: Verb): number {
    return this.calls.filter((call) => call.verb === verb).length;
  }

  post(message: Outgoing): Promise<MessageRef> {
    return this.serve('post', message, () => this.keep(message, 'surface'));
  }

  update(message: Outgoing, ref: MessageRef): Promise<MessageRef> {
    return this.serve('update', message, () => {
      const known = this.messages.find((kept) => kept.ref.ts === ref.ts);
      if (known === undefined) throw new RefusedError('message_not_found');
      known.version = message.view.version;
      known.status = message.view.status;
      known.updates += 1;
      return known.ref;
    });
  }

  find(message: Outgoing): Promise<MessageRef | null> {
    return this.serve('find', message, () => this.messages.find(({ key }) => key === message.key)?.ref ?? null);
  }

  notify(message: Outgoing, notice: Notice): Promise<MessageRef> {
    return this.serve('notify', message, () => {
      if (notice.sentence.trim() === '' || notice.sentence.length > 3_000) throw new RefusedError('no_text');
      return this.keep(message, notice.kind);
    });
  }

  private keep(message: Outgoing, kind: FakeMessage['kind']): MessageRef {
    if (message.view.title === '') throw new RefusedError('invalid_blocks');
    const { key, to, view, thread } = message;
    const ref = { ts: String(++this.lastRef) };
    this.messages.push({ key, ref, to, kind, thread, version: view.version, status: view.status, updates: 0 });
    return ref;
  }

  private async serve<Result>(verb: Verb, message: Outgoing, act: () => Result): Promise<Result> {
    const to = `${message.to.kind}:${message.to.id}`;
    this.calls.push({ verb, key: message.key, to, at: this.clock() });
    if (this.busy.has(to)) this.overlaps += 1;
    this.busy.add(to);
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      return await this.meet(verb, message, to, act);
    } finally {
      this.busy.delete(to);
      this.underWay -= 1;
    }
  }

  private async meet<Result>(verb: Verb, message: Outgoing, to: string, act: () => Result): Promise<Result> {
    const trouble = this.script.shift() ?? this.trouble(message, verb);
    if (trouble === 'hang') await aborted(message.signal);
    if (trouble === 'deaf') await new Promise(() => undefined);
    if (typeof trouble === 'object') throw trouble.fail;
    if (verb !== 'find') this.limitRate(to);
    const result = act();
    if (trouble === 'loseAnswer') throw new UnavailableError('socket hang up');
    return result;
  }

  private limitRate(to: string): void {
    const since = this.clock() - (this.lastCallAt.get(to) ?? Number.NEGATIVE_INFINITY);
    if (since < this.minIntervalMs) throw new UnavailableError('ratelimited', this.minIntervalMs - since);
    this.lastCallAt.set(to, this.clock());
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
