/** src/adapters/web/away.ts: what the page of one's own absences shows, and asks of the bot. */
import type { PersonId } from '../../engine/definition.ts';

export interface AwayView {
  /** How the person stands, as label and value. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  /** What the button to come back does: ends an absence, or takes back what is planned; null: there is nothing to end. */
  readonly ending: 'back' | 'takeBack' | null;
  /** Where days begin and end for them. */
  readonly timezone: string;
  /** YYYY-MM-DD, there. */
  readonly today: string;
}

/** `words` are told at the top of the next page, or of this one. */
export type AwayResult =
  | { readonly kind: 'done' | 'refused'; readonly words: string }
  | { readonly kind: 'unavailable' };

export interface AwayPorts {
  /** null: what is remembered can’t be reached right now. */
  view(person: PersonId): Promise<AwayView | null>;
  /** Days as YYYY-MM-DD, or moments in words as in chat; `from: null` is from now on. */
  announce(
    person: PersonId,
    wish: { readonly from: string | null; readonly until: string; readonly delegate: PersonId | null },
  ): Promise<AwayResult>;
  comeBack(person: PersonId): Promise<AwayResult>;
}
