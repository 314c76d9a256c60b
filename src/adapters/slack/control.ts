/**
 * src/adapters/slack/control.ts: what our buttons, menus and modals carry: which request, as it was shown, and what to
 * do. These are claims, never an authority: whoever reads one looks the request, the person and the surface up again.
 */
import { z } from 'zod';
import type { RequestId } from '../../engine/request.ts';
import { PERSON_STEPS } from '../action.ts';
import type { ListName } from '../chat.ts';

/** Steps that are about a request and need nothing but its id. */
export const STEPS = ['details', ...PERSON_STEPS] as const;
export type Step = (typeof STEPS)[number];

export type Control =
  | {
      readonly kind: 'vote';
      readonly request: RequestId;
      /** The request's version on the surface. */
      readonly shown: number;
      readonly option: string;
      /** The `seq` of the vote that this would replace; null for a first vote. */
      readonly replaces: number | null;
    }
  | {
      readonly kind: Step;
      readonly request: RequestId;
      readonly shown: number;
      /** withdrawVote only: which vote. */
      readonly replaces: number | null;
    }
  /** The next page of a list; `after` null: its beginning. */
  | { readonly kind: 'page'; readonly list: ListName; readonly after: RequestId | null };

/** `vote|req_…|3|approve|`: at most 120 characters, so that it fits a menu's option (150) as well as a button. */
export function writeControl(control: Control): string {
  if (control.kind === 'page') return ['page', control.list, control.after ?? ''].join('|');
  const { kind, request, shown, replaces } = control;
  return [kind, request, shown, kind === 'vote' ? control.option : '', replaces ?? ''].join('|');
}

const RequestIdText = z.string().regex(/^req_[0-9A-Za-z-]{10,60}$/);
const Count = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const CountOrNone = z.union([z.literal('').transform(() => null), Count]);
const Lists = z.enum(['waiting', 'asked', 'recent', 'all']);

const ControlText = z.union([
  z
    .tuple([z.literal('page'), Lists, z.union([z.literal('').transform(() => null), RequestIdText])])
    .transform(([kind, list, after]): Control => ({ kind, list, after })),
  z
    .tuple([z.literal('vote'), RequestIdText, Count, z.string().min(1).max(64), CountOrNone])
    .transform(([kind, request, shown, option, replaces]): Control => ({ kind, request, shown, option, replaces })),
  z
    .tuple([z.enum(STEPS), RequestIdText, Count, z.literal(''), CountOrNone])
    .transform(([kind, request, shown, , replaces]): Control => ({ kind, request, shown, replaces })),
]);

/** null: it is not one of ours. */
export function readControl(text: string): Control | null {
  return ControlText.safeParse(text.split('|')).data ?? null;
}
