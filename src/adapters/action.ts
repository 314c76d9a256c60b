/** src/adapters/action.ts: what a person asks for at a request, through whatever channel, and how it ended. */
import type { Instant, PersonId } from '../engine/definition.ts';
import type { FieldError } from '../engine/request.ts';

/** The adapter has verified and identified who asks; the bot turns it into an engine command. */
export type PersonAction =
  | {
      readonly kind: 'vote';
      readonly person: PersonId;
      readonly option: string;
      readonly reason: string | null;
      /** As typed, by field id: numbers and checkboxes converted, what does not fit left as text for the engine to refuse. */
      readonly inputs: Readonly<Record<string, unknown>>;
      /** The `seq` of the vote that the surface offered to replace; null for a first vote. */
      readonly replaces: number | null;
      /** The request's version that the surface showed; null where it does not say. */
      readonly shown: number | null;
    }
  | { readonly kind: 'withdrawVote'; readonly person: PersonId; readonly replaces: number }
  | { readonly kind: 'comment'; readonly person: PersonId; readonly text: string }
  | { readonly kind: 'requestInformation'; readonly person: PersonId; readonly question: string }
  | { readonly kind: 'returnInformation'; readonly person: PersonId; readonly answer: string }
  | { readonly kind: 'cancel'; readonly person: PersonId; readonly reason: string | null }
  /** Those who are missing are asked again. */
  | { readonly kind: 'nudge'; readonly person: PersonId }
  | { readonly kind: 'delegate'; readonly person: PersonId; readonly to: PersonId; readonly reason: string | null }
  | { readonly kind: 'snooze'; readonly person: PersonId; readonly until: Instant }
  | { readonly kind: 'bypass'; readonly person: PersonId; readonly reason: string | null }
  | { readonly kind: 'reviewBypass'; readonly person: PersonId; readonly note: string | null };

/** All of them but votes, for which each option has a button of its own. */
export const PERSON_STEPS = [
  'withdrawVote',
  'comment',
  'requestInformation',
  'returnInformation',
  'delegate',
  'snooze',
  'cancel',
  'nudge',
  'bypass',
  'reviewBypass',
] as const satisfies readonly Exclude<PersonAction['kind'], 'vote'>[];
export type PersonStep = (typeof PERSON_STEPS)[number];

/** How an action ended. `done` only after the durable commit. */
export type ActionResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly words: string; readonly errors: readonly FieldError[] }
  | { readonly kind: 'notFound' }
  /** Nothing was recorded; trying again is safe. */
  | { readonly kind: 'unavailable' };
