/**
 * src/adapters/chat.ts: what a chat adapter (Slack, Teams) asks of the process around it. The adapter verifies the
 * call, says which platform user it came from, and draws the answer; whom that means, what they may see and what a
 * command does is the bot's, so that every chat says the same.
 */
import type { Instant, PersonId } from '../engine/definition.ts';
import type { RequestId } from '../engine/request.ts';
import type { RequestView, Viewer } from '../engine/view.ts';
import type { ActionResult, PersonAction } from './action.ts';
import type { MessageRef } from './channel.ts';

/** A platform user as a verified call names them. Never a display name. */
export interface PlatformUser {
  /** Slack's team id (`T…`), Teams' tenant. */
  readonly scope: string;
  /** `U…`, or an Entra object id. */
  readonly id: string;
}

/** Requests that the person has a part in, one page of them. */
export interface RequestPage {
  readonly requests: readonly RequestView[];
  /** Where the next page starts; null at the end. */
  readonly next: RequestId | null;
}

/** Which list: what waits for me, what I asked for, what was decided lately, everything pending that I have a part in. */
export type ListName = 'waiting' | 'asked' | 'recent' | 'all';

/** What `/gates …` answers, to the person alone. */
export type ChatReply =
  /** One or more plain sentences, no markup. */
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'list';
      readonly list: ListName;
      readonly heading: string;
      /** What to say where the list is empty. */
      readonly empty: string;
      readonly page: RequestPage;
    }
  | { readonly kind: 'request'; readonly view: RequestView }
  /** Label and value, as in a table. */
  | {
      readonly kind: 'facts';
      readonly heading: string;
      readonly facts: readonly { readonly label: string; readonly value: string }[];
    }
  /** Each command with what it does. */
  | {
      readonly kind: 'help';
      readonly commands: readonly { readonly usage: string; readonly does: string }[];
    };

export interface ChatPorts {
  now(): Instant;
  /** Absolute address of the request's web page. */
  link(id: RequestId): string;
  /**
   * The person in the directory whom this user is; null: a stranger, a guest, another workspace or tenant.
   * @param isHome whether `scope` is the workspace or tenant that ids without one belong to
   */
  personOf(user: PlatformUser, isHome: boolean): PersonId | null;
  /**
   * Whom somebody means by what they typed: a name in the directory, an email address. This says who is to be asked,
   * never who is asking; null: nobody, or it could be several.
   */
  personMeant(text: string): PersonId | null;
  /** The platform's id of a person, as in the config (`U…` or `T…/U…`); null where they have none. */
  addressOf(person: PersonId): string | null;
  nameOf(person: PersonId): string;
  /**
   * null where there is no such request, or the person has no part in it: both look alike. `everyone` sees what a shared
   * surface shows, and is to be asked for only where `carries` has said that the click came from one.
   */
  view(id: RequestId, viewer: Viewer): Promise<RequestView | null>;
  /**
   * Whether this message is one of the request's surfaces. A click counts only for the request whose surface carries
   * it. Waits a moment where a post is under way and its reference not written down yet.
   */
  carries(id: RequestId, message: MessageRef): Promise<boolean>;
  list(person: PersonId, list: ListName, after?: RequestId): Promise<RequestPage>;
  act(id: RequestId, action: PersonAction): Promise<ActionResult>;
  /** Runs one line of `/gates`: `approve req_… looks good`. Mentions in it are already references (`slack:T…/U…`, a name). */
  command(person: PersonId, line: string): Promise<ChatReply>;
}
