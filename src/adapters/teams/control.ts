/**
 * src/adapters/teams/control.ts: what our buttons and forms carry as `data`: which request, as it was shown, and what
 * to do. Everybody in the tenant can read and forge these: they are claims, never an authority. Whoever reads one looks
 * the request, the person and the surface up again.
 */
import { z } from 'zod';
import type { RequestId } from '../../engine/request.ts';
import { PERSON_STEPS, type PersonStep } from '../action.ts';
import type { ListName } from '../chat.ts';

/** Steps that are about a request and need nothing but its id. */
export const STEPS = PERSON_STEPS;
export type Step = PersonStep;

interface About {
  readonly request: RequestId;
  /** The request's version on the card. */
  readonly shown: number;
  /** Votes: the `seq` of the one that this would replace or withdraw; else null. */
  readonly replaces: number | null;
  /**
   * Under which number the inputs of its form stand in the card; null: the click comes from a plain button, so what
   * needs a form or asks back has not been asked yet.
   */
  readonly form: number | null;
}

export type Control =
  | (About & { readonly kind: 'vote'; readonly option: string })
  | (About & { readonly kind: Step })
  /** Show the request as it is now, as the person who asks may see it: refreshes, "Show my options", items of a list. */
  | { readonly kind: 'view'; readonly request: RequestId }
  /** The next page of a list; `after` null: its beginning. */
  | { readonly kind: 'page'; readonly list: ListName; readonly after: RequestId | null };

/** A control that does something to a request. */
export type ActControl = Extract<Control, About>;

/** `vote|req_…|3||1|approve`: at most 160 characters. */
export function writeControl(control: Control): string {
  if (control.kind === 'page') return ['page', control.list, control.after ?? ''].join('|');
  if (control.kind === 'view') return ['view', control.request].join('|');
  const { kind, request, shown, replaces, form } = control;
  return [kind, request, shown, replaces ?? '', form ?? '', kind === 'vote' ? control.option : ''].join('|');
}

const RequestIdText = z.string().regex(/^req_[0-9A-Za-z-]{10,60}$/);
const Count = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const None = z.literal('').transform(() => null);
const CountOrNone = z.union([None, Count]);
const Lists = z.enum(['waiting', 'asked', 'recent', 'all']);

const ControlText = z.union([
  z
    .tuple([z.literal('page'), Lists, z.union([None, RequestIdText])])
    .transform(([kind, list, after]): Control => ({ kind, list, after })),
  z.tuple([z.literal('view'), RequestIdText]).transform(([kind, request]): Control => ({ kind, request })),
  z
    .tuple([z.literal('vote'), RequestIdText, Count, CountOrNone, CountOrNone, z.string().min(1).max(64)])
    .transform(
      ([kind, request, shown, replaces, form, option]): Control => ({ kind, request, shown, replaces, form, option }),
    ),
  z
    .tuple([z.enum(STEPS), RequestIdText, Count, CountOrNone, CountOrNone, z.literal('')])
    .transform(([kind, request, shown, replaces, form]): Control => ({ kind, request, shown, replaces, form })),
]);

/** null: it is not one of ours. */
export function readControl(text: string): Control | null {
  return text.length > 300 ? null : (ControlText.safeParse(text.split('|')).data ?? null);
}
