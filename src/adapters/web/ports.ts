/**
 * src/adapters/web/ports.ts: what the web pages need from the process around them, and the bounds they keep.
 * The bot implements it; nothing here knows a store or another channel.
 */
import type { Instant, PersonId } from '../../engine/definition.ts';
import type { RequestId } from '../../engine/request.ts';
import type { RequestView, Viewer } from '../../engine/view.ts';
import type { ActionResult, PersonAction } from '../action.ts';
import type { GatePorts } from '../simulation.ts';
import type { AwayPorts } from './away.ts';
import type { PausePorts } from './pauses.ts';
import type { StatsView } from './stats.ts';

type Vote = Extract<PersonAction, { readonly kind: 'vote' }>;

/** One thing a signed-in person asked for on a page. A vote says when the session began: how fresh the sign-in is. */
export type WebAction = Exclude<PersonAction, Vote> | (Vote & { readonly signedInAt: Instant });

export interface WebPerson {
  readonly id: PersonId;
  readonly name: string;
  readonly email: string | null;
}

export interface InboxPage {
  readonly waiting: readonly RequestView[];
  readonly asked: readonly RequestView[];
  readonly recent: readonly RequestView[];
  /** Where the next page starts; null at the end. */
  readonly next: RequestId | null;
}

export interface WebPorts {
  now(): Instant;
  /** Absolute links and the Origin check come from it, never from a Host header. */
  readonly publicUrl: string;
  /** Signs the session cookie, through a key derived for that alone. At least 16 characters. */
  readonly secret: string;
  /** Whether a person may be picked without a password (WEB_DEV_LOGIN=1). */
  readonly devLogin: boolean;
  people(): readonly WebPerson[];
  /** null where there is no such request, or the viewer may not see it: both look alike. */
  view(id: RequestId, viewer: Viewer): Promise<RequestView | null>;
  inbox(person: PersonId, query: { readonly q?: string; readonly after?: RequestId }): Promise<InboxPage>;
  act(id: RequestId, action: WebAction): Promise<ActionResult>;
  /** Figures of the gates that the person has a part in, and their own. */
  stats(person: PersonId): Promise<StatsView>;
  readonly gates: GatePorts;
  readonly pauses: PausePorts;
  readonly away: AwayPorts;
  /** Calls `listener` after each commit that changed the request, until the returned function is called. */
  subscribe(id: RequestId, listener: () => void): () => void;
}

/** The bounds of this channel. Tests lower them; nothing else does. */
export interface WebLimits {
  /** Bytes of a form. A reason, twenty long answers and a comment fit well inside. */
  readonly formBytes: number;
  /** Name and value pairs in a form. */
  readonly formEntries: number;
  /** Characters of one typed text. */
  readonly textLength: number;
  readonly searchLength: number;
  /** How long a session lives, in milliseconds. */
  readonly sessionMs: number;
  /** Sessions kept; the oldest gives way. */
  readonly sessions: number;
  /** Live streams of everybody together. */
  readonly streams: number;
  /** Live streams of one session: browsers open few, and a script must not take them all. */
  readonly streamsPerSession: number;
  /** Simulations of one session in a minute: each plays a request to its end. */
  readonly simulations: number;
  /** A comment line goes out this often, so that proxies keep an idle stream open, in milliseconds. */
  readonly keepAliveMs: number;
  /** Bytes that may wait for a reader before its stream is dropped. */
  readonly streamBacklog: number;
}

export const LIMITS: WebLimits = {
  formBytes: 128 * 1024,
  formEntries: 500,
  textLength: 10_000,
  searchLength: 200,
  sessionMs: 12 * 60 * 60 * 1000,
  sessions: 10_000,
  streams: 2_000,
  streamsPerSession: 20,
  simulations: 60,
  keepAliveMs: 25_000,
  streamBacklog: 64 * 1024,
};
