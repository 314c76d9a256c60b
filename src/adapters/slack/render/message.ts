/**
 * src/adapters/slack/render/message.ts: the message that shows a request, in a channel and to a person. Our words come
 * first and last.
 */
import type { RequestView } from '../../../engine/view.ts';
import { type Blocks, context, type Drawn, header, type Part, section, weight, within } from './blocks.ts';
import { detailsButton, linkButton, menu, voteButtons, votesOf } from './buttons.ts';
import { fallback } from './fallback.ts';
import { DRAWN, SLACK_LIMITS } from './limits.ts';
import { markdown } from './markdown.ts';
import {
  artifacts,
  asks,
  facts,
  kicker,
  lastEscalation,
  notes,
  part,
  progress,
  questions,
  subject,
  warnings,
} from './parts.ts';
import { MESSAGE_ROOM } from './progress.ts';
import { joined, line, ownLink, quoted, unmarked } from './text.ts';

export interface SurfaceAt {
  /** Absolute address of the request's web page. */
  readonly link: string;
  /** A channel's message, which everybody reads; false: a direct message to the viewer. */
  readonly isShared: boolean;
}

export function surface(view: RequestView, at: SurfaceAt): Drawn {
  const isMine = !at.isShared && votesOf(view).some(({ kind }) => kind === 'vote');
  const head = [kicker(view, isMine), header(view.title)];
  const tail = [...buttons(view, at.link), footer(view, at.link)];
  const room = {
    blocks: SLACK_LIMITS.messageBlocks - head.length - tail.length,
    text: DRAWN.messageText - weight([head, tail]),
  };
  const blocks = [...head, ...within(body(view), room, shortened(at.link)), ...tail];
  return { text: fallback(view, at.link), blocks };
}

export const shortened = (link: string): Blocks[number] =>
  context(`This is shortened; ${ownLink(link, 'open the full request')}.`);

/** After the end the message gets shorter: what was asked at length is in Details and on the page. */
function body(view: RequestView): readonly Part[] {
  const isPending = view.outcome === null;
  const title = view.title.length > SLACK_LIMITS.headerText ? [context(line(unmarked(view.title), 1000))] : [];
  return [
    ...part(0, [...title, section(isPending ? asksWhat(view) : `${asks(view)}.`)]),
    ...part(2, facts(view, DRAWN.facts, DRAWN.factValue)),
    ...part(1, subject(view)),
    ...part(3, isPending ? artifacts(view, DRAWN.artifacts, false) : []),
    ...part(0, [...warnings(view), ...questions(view)]),
    ...progress(view, DRAWN.stages, MESSAGE_ROOM),
    ...part(1, lastEscalation(view)),
    ...part(0, notes(view)),
  ];
}

function asksWhat(view: RequestView): string {
  if (view.description === null || view.description.trim() === '') return `${asks(view)}.`;
  const rows = markdown(view.description, DRAWN.saying * 2);
  const shown = rows.slice(0, DRAWN.descriptionLines);
  const cut = shown.length < rows.length ? [...shown, 'This is shortened: see Details.'] : shown;
  const text = joined(cut.map(quoted), () => quoted('This is shortened: see Details.'), DRAWN.description);
  return `${asks(view)}:\n${text}`;
}

function buttons(view: RequestView, link: string): Blocks {
  if (view.outcome !== null) return [{ type: 'actions', block_id: 'actions', elements: [detailsButton(view)] }];
  const votes = votesOf(view);
  const more = menu(view);
  const decide = view.mustReview
    ? votes.slice(0, 1).map(() => linkButton('Review', link, view, 'primary'))
    : voteButtons(view);
  const hidden = view.mustReview ? 0 : votes.length - decide.length;
  return [
    {
      type: 'actions',
      block_id: 'actions',
      elements: [...decide, detailsButton(view), ...(more === null ? [] : [more])],
    },
    ...(hidden === 0 ? [] : [context(`${hidden} more ${hidden === 1 ? 'option' : 'options'} in Details`)]),
    ...(view.mustReview && votes.length > 0
      ? [context('This gate asks for a fresh sign-in: the decision is made on the web page.')]
      : []),
  ];
}

/** By what it is found again. */
const footer = (view: RequestView, link: string): Blocks[number] =>
  context(
    [
      line(view.id, 100),
      line(view.gate, 100),
      `pipeline ${line(view.pipeline, 100)}`,
      ownLink(link, 'Open the full request'),
    ].join(' · '),
  );
