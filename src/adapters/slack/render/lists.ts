/** src/adapters/slack/render/lists.ts: several requests at once: pages of a list, and App Home. */
import type { types } from '@slack/bolt';
import type { Instant } from '../../../engine/definition.ts';
import type { RequestId } from '../../../engine/request.ts';
import type { RequestView } from '../../../engine/view.ts';
import type { ListName, RequestPage } from '../../chat.ts';
import { markOf, stateOf } from '../../words.ts';
import { writeControl } from '../control.ts';
import { type Blocks, context, divider, header, type Part, section, within } from './blocks.ts';
import { detailsButton, voteButton, votesOf } from './buttons.ts';
import { DRAWN, SLACK_LIMITS } from './limits.ts';
import { ACT, CALLBACKS } from './names.ts';
import { part } from './parts.ts';
import { bold, line, moment, ownLink, plain, unmarked } from './text.ts';

export interface ListAt {
  /** Absolute address of a request's web page. */
  link(id: RequestId): string;
  readonly now: Instant;
}

/** Requests and, where there are more, the button to the next page. */
export function pageParts(
  page: RequestPage,
  list: ListName,
  at: ListAt,
  most: number = DRAWN.listPage,
): readonly Part[] {
  const shown = page.requests.slice(0, most);
  const next = shown.length < page.requests.length ? (shown.at(-1)?.id ?? null) : page.next;
  return [
    ...shown.flatMap((view, i) => part(i + 1, item(view, at))),
    ...part(0, next === null ? [] : [nextPage(list, next)]),
  ];
}

/**
 * A request in short, with its votes and the way to all the rest. All of its votes or none: a list that offered only
 * some would push people towards them.
 */
function item(view: RequestView, at: ListAt): Blocks {
  const text = section([bold(ownLink(at.link(view.id), unmarked(view.title), 200)), ...standing(view)].join('\n'));
  const votes = view.mustReview ? [] : votesOf(view).filter(({ kind }) => kind === 'vote');
  const review = detailsButton(view, votesOf(view).length > 0 ? 'Review' : 'Details');
  if (votes.length === 0 || votes.length > DRAWN.listVotes) return [{ ...text, accessory: review }, small(view)];
  return [text, small(view), { type: 'actions', elements: [...votes.map((vote) => voteButton(vote, view)), review] }];
}

function standing(view: RequestView): readonly string[] {
  if (view.outcome !== null)
    return [`${markOf(view)} ${line(view.outcome.sentence, 200)} · ${moment(view.outcome.at)}`];
  const state = stateOf(view) === 'Approval needed' ? [] : [stateOf(view)];
  const progress = view.progress === '' ? [] : [line(view.progress, 200)];
  const until = view.silence?.at == null ? [] : [`deadline ${moment(view.silence.at)}`];
  return [`${markOf(view)} ${[...state, ...progress, ...until].join(' · ') || stateOf(view)}`];
}

function small(view: RequestView): Blocks[number] {
  const who = view.requester === null ? [] : [`asked by ${line(view.requester.name, DRAWN.name)}`];
  return context([line(view.gate, 100), ...who, line(view.id, 100)].join(' · '));
}

const nextPage = (list: ListName, after: RequestId): types.ActionsBlock => ({
  type: 'actions',
  elements: [
    {
      type: 'button',
      action_id: `${ACT}page`,
      text: plain('Next page', SLACK_LIMITS.buttonText),
      value: writeControl({ kind: 'page', list, after }),
    },
  ],
});

export const listShortened = context('There is more than fits here: it is on the web page.');

export interface Home extends ListAt {
  readonly waiting: RequestPage;
  readonly asked: RequestPage;
  readonly recent: RequestPage;
}

/** What waits for the person first, then what they asked for and what was decided. */
export function homeView(home: Home): types.HomeView {
  const list = (name: ListName, title: string, page: RequestPage, empty: string): readonly Part[] => [
    ...part(0, [header(title)]),
    ...(page.requests.length === 0 ? part(0, [context(empty)]) : pageParts(page, name, home, DRAWN.homeRequests)),
  ];
  const parts = [
    ...list('waiting', 'Waiting for you', home.waiting, 'Nothing is waiting for you. Well done.'),
    ...part(0, [divider]),
    ...list('asked', 'You asked for', home.asked, 'Nothing that you asked for is open.'),
    ...part(0, [divider]),
    ...list('recent', 'Decided lately', home.recent, 'Nothing has been decided yet.'),
    ...part(0, [context(`As of ${moment(home.now)} · \`/gates help\` says what you can do from anywhere`)]),
  ];
  const room = { blocks: SLACK_LIMITS.viewBlocks, text: DRAWN.viewText };
  return { type: 'home', callback_id: CALLBACKS.home, blocks: within(parts, room, listShortened) };
}
