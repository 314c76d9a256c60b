/** src/adapters/teams/render/lists.ts: several requests at once: a page of a list. */
import type { Instant } from '../../../engine/definition.ts';
import type { RequestId } from '../../../engine/request.ts';
import type { RequestView } from '../../../engine/view.ts';
import type { ListName, RequestPage } from '../../chat.ts';
import { markOf, stateOf } from '../../words.ts';
import { button, execute, votesOf } from './actions.ts';
import type { Action, Element } from './card.ts';
import { cost } from './fit.ts';
import { DRAWN } from './limits.ts';
import { line, moment, rich, run, small, unmarked } from './text.ts';

export interface ListAt {
  /** Absolute address of a request's web page. */
  link(id: RequestId): string;
  readonly now: Instant;
}

export interface DrawnList {
  readonly body: readonly Element[];
  readonly actions: readonly Action[];
}

/** As many requests as there is room for and, where there are more, the button to the next page. */
export function listPage(page: RequestPage, list: ListName, at: ListAt, bytes: number): DrawnList {
  const shown: RequestView[] = [];
  const body: Element[] = [];
  let room = bytes - 1000; // the button to the next page
  for (const view of page.requests.slice(0, DRAWN.listPage)) {
    const item = itemOf(view, at, shown.length === 0);
    room -= cost(item);
    if (room < 0) break;
    shown.push(view);
    body.push(item);
  }
  const next = shown.length < page.requests.length ? (shown.at(-1)?.id ?? null) : page.next;
  const turn =
    next === null ? [] : [execute('Next page', { kind: 'page', list, after: next }, { associatedInputs: 'none' })];
  body.push(small([`As of ${moment(at.now)}`], { spacing: 'medium' }));
  return { body, actions: turn };
}

/**
 * A request in short, with its votes and the way to all the rest. All of its votes or none: a list that offered only
 * some would push people towards them.
 */
function itemOf(view: RequestView, at: ListAt, isFirst: boolean): Element {
  const all = view.mustReview ? [] : votesOf(view).filter(({ kind }) => kind === 'vote');
  const votes = all.length > DRAWN.listVotes ? [] : all;
  const details = execute(
    votesOf(view).length > 0 && votes.length === 0 ? 'Review' : 'Details',
    { kind: 'view', request: view.id },
    { associatedInputs: 'none' },
  );
  const title = run(line(unmarked(view.title), 200), {
    weight: 'bolder',
    selectAction: { type: 'Action.OpenUrl', url: at.link(view.id) },
  });
  return {
    type: 'Container',
    ...(isFirst ? {} : { separator: true }),
    spacing: 'medium',
    items: [
      rich([title]),
      rich([standing(view)], { spacing: 'none' }),
      small([about(view)], { spacing: 'none' }),
      { type: 'ActionSet', spacing: 'small', actions: [...votes.map((vote) => button(vote, view)), details] },
    ],
  };
}

function standing(view: RequestView): string {
  if (view.outcome !== null) return `${markOf(view)} ${line(view.outcome.sentence, 200)} · ${moment(view.outcome.at)}`;
  const state = stateOf(view) === 'Approval needed' ? [] : [stateOf(view)];
  const progress = view.progress === '' ? [] : [line(view.progress, 200)];
  const until = view.silence?.at == null ? [] : [`deadline ${moment(view.silence.at)}`];
  return `${markOf(view)} ${[...state, ...progress, ...until].join(' · ') || stateOf(view)}`;
}

function about(view: RequestView): string {
  const who = view.requester === null ? [] : [`asked by ${line(view.requester.name, DRAWN.name)}`];
  return [line(view.gate, 100), ...who, line(view.id, 100)].join(' · ');
}
