/**
 * src/adapters/channel.ts: the port of every kind of place where people are reached (Slack, Teams, email).
 * The dispatcher calls it; an adapter translates, and does not retry, queue or remember.
 */
import type { PersonId } from '../engine/definition.ts';
import type { RequestView } from '../engine/view.ts';

/** The platform's own name of a posted message (channel and timestamp, activity id, Message-ID), kept to update it. */
export type MessageRef = Readonly<Record<string, string>>;

/** Where on the platform: the channel's id, or a person's. */
export interface Address {
  readonly kind: 'channel' | 'person';
  readonly id: string;
}

/** A one-off message about a request. */
export interface Notice {
  readonly kind:
    | 'reminder'
    | 'escalation'
    | 'slaWarning'
    | 'slaBreach'
    | 'outcome'
    | 'informationRequested'
    | 'informationReturned'
    | 'delegated'
    | 'bypass'
    | 'deadLetter'
    /** Whoever asks, asks again. */
    | 'nudge'
    /** Who is away hears that somebody stands in for them; nothing is asked of them. */
    | 'standIn'
    /** What happened, for the thread under a channel's surface: votes, comments, reminders, escalations. */
    | 'history';
  /** One plain sentence; the adapter adds the link and the surface's look. */
  readonly sentence: string;
  /** Whom it concerns, for platforms that can mention people. */
  readonly people?: readonly PersonId[];
}

export interface Outgoing {
  /** The delivery's id: stable over retries, put into the message's metadata so that `find` can see it. */
  readonly key: string;
  readonly to: Address;
  readonly view: RequestView;
  /** Absolute address of the request's web page. */
  readonly link: string;
  /** The surface under which it belongs, where the platform has threads; null: it stands alone. */
  readonly thread: MessageRef | null;
  /** Aborted when the attempt's time is over. */
  readonly signal: AbortSignal;
}

/** A few plain sentences to one person that belong to no request: that a directory can't be reached. */
export interface Telling {
  /** Stable over retries, for platforms that can tell a second try. */
  readonly key: string;
  /** A person's address. */
  readonly to: Address;
  /** No markup; what others wrote in it is shown as written. */
  readonly text: string;
  readonly signal: AbortSignal;
}

export interface Channel {
  /** As in the config's `channels` and `people`: `slack`, `teams`, `email`. */
  readonly kind: string;
  /** At least this long between two calls to one address. */
  readonly minIntervalMs: number;
  /** Whether messages can stand under another one: the history of a request is told there. */
  readonly hasThreads?: boolean;
  /** Posts a surface, or null where the platform cannot be asked to keep one (email). */
  post(message: Outgoing): Promise<MessageRef>;
  /** Brings a surface up to date; a platform without updates resolves with the same reference. */
  update(message: Outgoing, ref: MessageRef): Promise<MessageRef>;
  /** A message posted earlier under this key, found by its metadata; null where there is none or the platform can't say. */
  find(message: Outgoing): Promise<MessageRef | null>;
  notify(message: Outgoing, notice: Notice): Promise<MessageRef>;
  /** Left out where a platform can only speak of requests. Throws as the others do. */
  tell?(telling: Telling): Promise<MessageRef>;
}

/** The platform or endpoint is not able now: try again later. A retry is safe. */
export class UnavailableError extends Error {
  /** As the platform asked for (Retry-After), null where it did not. */
  readonly retryAfterMs: number | null;
  constructor(message: string, retryAfterMs: number | null = null, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnavailableError';
    this.retryAfterMs = retryAfterMs;
  }
}

/** The platform or endpoint said no for good: a retry is useless, it becomes a dead letter. */
export class RefusedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RefusedError';
  }
}
