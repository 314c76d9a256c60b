/**
 * src/adapters/web/session.ts: who is signed in. Sessions live in this process: a random name in a signed cookie, and
 * everything else here, so that signing out or leaving the directory ends them at once. A restart signs everybody out.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Instant, PersonId } from '../../engine/definition.ts';
import type { RequestId } from '../../engine/request.ts';
import type { WebAction, WebPerson } from './ports.ts';

export interface Session {
  /** Names the session in the process; never sent anywhere. */
  readonly id: string;
  readonly person: WebPerson;
  readonly signedInAt: Instant;
  readonly expiresAt: Instant;
  /** Goes into every form; useless without the cookie. */
  readonly csrf: string;
}

/** Told once, on the next page after an action. */
interface Flash {
  readonly request: RequestId;
  readonly kind: WebAction['kind'];
}

interface Kept {
  readonly person: PersonId;
  readonly signedInAt: Instant;
  readonly expiresAt: Instant;
  flash: Flash | null;
  words: string | null;
}

export interface Sessions {
  /** Opens a session and returns the value of its cookie: 256 random bits. */
  open(person: PersonId, now: Instant): string;
  find(token: string, now: Instant): Session | null;
  close(token: string): void;
  leaveFlash(session: Session, flash: Flash): void;
  takeFlash(session: Session, request: RequestId): Flash | null;
  /** Likewise on the page of pauses, which says more than what was done. */
  leaveWords(session: Session, words: string): void;
  takeWords(session: Session): string | null;
  /** The form token that belongs to a cookie's value. */
  csrfOf(token: string): string;
}

/** A random cookie value: `cs_web_` makes a leaked one recognisable to secret scanners. */
export const newToken = (): string => `cs_web_${randomBytes(32).toString('base64url')}`;

/** A key for one purpose, so that the configured secret itself signs nothing here. */
export const deriveKey = (secret: string, purpose: string): string =>
  createHmac('sha256', secret).update(`countersign web: ${purpose}`).digest('hex');

/** Compares in constant time, whatever the lengths. */
export function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

export function createSessions(options: {
  readonly secret: string;
  readonly sessionMs: number;
  readonly most: number;
  people(): readonly WebPerson[];
}): Sessions {
  const kept = new Map<string, Kept>();
  const csrfKey = deriveKey(options.secret, 'form token');
  const idOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
  const csrfOf = (token: string): string => createHmac('sha256', csrfKey).update(token).digest('base64url');

  return {
    csrfOf,
    open(person, now) {
      for (const [id, session] of kept) {
        if (session.expiresAt > now && kept.size < options.most) break; // oldest first: the rest is younger
        kept.delete(id);
      }
      const token = newToken();
      kept.set(idOf(token), { person, signedInAt: now, expiresAt: now + options.sessionMs, flash: null, words: null });
      return token;
    },
    find(token, now) {
      const id = idOf(token);
      const session = kept.get(id);
      if (session === undefined) return null;
      const person = options.people().find(({ id: personId }) => personId === session.person);
      if (session.expiresAt <= now || person === undefined) {
        kept.delete(id);
        return null;
      }
      const { signedInAt, expiresAt } = session;
      return { id, person, signedInAt, expiresAt, csrf: csrfOf(token) };
    },
    close(token) {
      kept.delete(idOf(token));
    },
    leaveFlash(session, flash) {
      const found = kept.get(session.id);
      if (found !== undefined) found.flash = flash;
    },
    takeFlash(session, request) {
      const found = kept.get(session.id);
      if (found === undefined || found.flash?.request !== request) return null;
      const { flash } = found;
      found.flash = null;
      return flash;
    },
    leaveWords(session, words) {
      const found = kept.get(session.id);
      if (found !== undefined) found.words = words;
    },
    takeWords(session) {
      const found = kept.get(session.id);
      const words = found?.words ?? null;
      if (found !== undefined) found.words = null;
      return words;
    },
  };
}
