/**
 * src/adapters/teams/render/surface.ts: the card that shows a request, in a channel and to a person. Our words come
 * first and last.
 *
 * Who sees which buttons: a card in a channel that refreshes for those who are asked (`refreshFor`, 1 to 60 accounts)
 * shows the state, and one button by which anybody gets the options that are theirs; Teams then fetches each of those
 * people their own card. Where it can't refresh (nobody's account is known yet, or there are more than 60) everybody
 * sees the buttons. A card of one person's own always shows what is theirs. Whoever clicks, the engine decides.
 */
import type { PersonId } from '../../../engine/definition.ts';
import type { RequestView } from '../../../engine/view.ts';
import { execute, sharedActions, viewersActions, votesOf, withoutFallback } from './actions.ts';
import { type Card, cardOf, type Element, type Mention } from './card.ts';
import { cost, type Part, part, within } from './fit.ts';
import { DRAWN, REFRESH_MOST } from './limits.ts';
import { Mentions } from './mentions.ts';
import {
  artifacts,
  asks,
  description,
  facts,
  footer,
  hint,
  kicker,
  lastComment,
  lastEscalation,
  notes,
  questions,
  shortened,
  subject,
  title,
  warnings,
  why,
} from './parts.ts';
import { progress } from './progress.ts';
import { fallback } from './summary.ts';

export interface SurfaceAt {
  /** Absolute address of the request's web page. */
  readonly link: string;
  /** A channel's or group chat's card, which everybody there reads; false: one person's own, drawn from their view. */
  readonly isShared: boolean;
  /** The account by which somebody is called, named as in the directory; null where they have none here. */
  mention(person: PersonId): Mention | null;
  /** Accounts (`29:…`, never object ids) for which Teams asks for a card of their own; at most 60, else nobody's. */
  readonly refreshFor: readonly string[];
}

export function surface(view: RequestView, at: SurfaceAt): Card {
  const isMine = !at.isShared && votesOf(view).some(({ kind }) => kind === 'vote');
  const refresh = refreshOf(view, at);
  const isFetched = at.isShared && refresh !== null;
  // Nobody is called in a card of their own, and nobody is called for what is over.
  const mentions = new Mentions(at.isShared && view.outcome === null ? at.mention : () => null);
  const head = [kicker(view, isMine), ...why(view), title(view)];
  const tail = [...hints(view), footer(view)];
  const words = fallback(view, at.link);
  const framed = (formBytes: number): Card =>
    cardOf(words, [...head, ...tail], {
      actions: (isFetched ? sharedActions : viewersActions)(view, at.link, formBytes),
      ...(refresh === null ? {} : { refresh }),
    });
  const { frame, bytes } = framedWithin(DRAWN.cardBytes - DRAWN.bodyBytes, framed);
  const room = DRAWN.cardBytes - bytes - cost({ entities: [] });
  const body = within(parts(view, mentions), room, shortened(at.link), mentions.cost);
  const entities = mentions.in(body);
  const msteams = entities.length === 0 ? frame.msteams : { ...frame.msteams, entities };
  return { ...frame, body: [...head, ...body, ...tail], msteams };
}

/** With as many forms as go into these bytes; almost always all of them do, so that is drawn first. */
function framedWithin(most: number, framed: (formBytes: number) => Card): { frame: Card; bytes: number } {
  const measured = (frame: Card) => ({ frame, bytes: cost(frame) });
  const whole = measured(framed(DRAWN.formBytes));
  if (whole.bytes <= most) return whole;
  const bare = measured(framed(0));
  const forms = Math.min(DRAWN.formBytes, most - bare.bytes);
  return forms <= 0 ? bare : measured(framed(forms));
}

function refreshOf(view: RequestView, at: SurfaceAt): NonNullable<Card['refresh']> | null {
  const userIds = [...new Set(at.refreshFor)].filter((id) => id.length <= DRAWN.accountId);
  if (view.outcome !== null || userIds.length === 0 || userIds.length > REFRESH_MOST) return null;
  if (cost(userIds) > (at.isShared ? DRAWN.refreshBytes : DRAWN.ownRefreshBytes)) return null;
  const action = withoutFallback(execute('Refresh', { kind: 'view', request: view.id }, { associatedInputs: 'none' }));
  return { action, userIds };
}

/** After the end the card gets shorter: what was asked at length is on the page. */
function parts(view: RequestView, mentions: Mentions): readonly Part[] {
  const isPending = view.outcome === null;
  return [
    ...part(0, [asks(view)]),
    ...part(1, isPending ? description(view) : []),
    ...facts(view).flatMap((elements) => part(3, elements)),
    ...part(1, subject(view)),
    ...part(4, isPending ? artifacts(view) : []),
    ...part(0, [...warnings(view), ...questions(view)]),
    ...progress(view, mentions),
    ...part(5, lastComment(view)),
    ...part(2, lastEscalation(view)),
    ...part(0, notes(view)),
  ];
}

const hints = (view: RequestView): readonly Element[] =>
  view.outcome === null && view.mustReview && votesOf(view).length > 0
    ? [hint('This gate asks for a fresh sign-in: the decision is made on the web page.')]
    : [];
