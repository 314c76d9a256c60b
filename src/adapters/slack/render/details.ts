/**
 * src/adapters/slack/render/details.ts: everything about a request at length, in a modal of the viewer's own, with
 * every step that they may take.
 */
import type { types } from '@slack/bolt';
import type { RequestView } from '../../../engine/view.ts';
import { escalatedWords, stateOf } from '../../words.ts';
import { type Blocks, context, divider, header, type Part, section, weight, within } from './blocks.ts';
import { linkButton, stepButton, stepsOf, voteButton, votesOf } from './buttons.ts';
import { DRAWN, SLACK_LIMITS } from './limits.ts';
import { markdown } from './markdown.ts';
import { shortened } from './message.ts';
import { type Origin, writeMetadata } from './metadata.ts';
import { CALLBACKS } from './names.ts';
import { artifacts, asks, each, facts, kicker, notes, part, progress, subject, warnings } from './parts.ts';
import { DETAILS_ROOM } from './progress.ts';
import { bold, line, moment, names, ownLink, plain, quoted, saying, unmarked } from './text.ts';

export function detailsModal(
  view: RequestView,
  at: { readonly link: string; readonly origin: Origin | null },
): types.ModalView {
  const isMine = votesOf(view).some(({ kind }) => kind === 'vote');
  const head = [kicker(view, isMine), header(view.title), ...longTitle(view)];
  const tail = [...buttons(view, at.link), footer(view, at.link)];
  const room = {
    blocks: SLACK_LIMITS.viewBlocks - head.length - tail.length,
    text: DRAWN.viewText - weight([head, tail]),
  };
  return {
    type: 'modal',
    callback_id: CALLBACKS.details,
    private_metadata: writeMetadata({
      control: { kind: 'details', request: view.id, shown: view.version, replaces: null },
      origin: at.origin,
    }),
    title: plain(stateOf(view), SLACK_LIMITS.modalTitle),
    close: plain('Close', SLACK_LIMITS.modalButton),
    blocks: [...head, ...within(body(view), room, shortened(at.link)), ...tail],
  };
}

const longTitle = (view: RequestView): Blocks =>
  view.title.length > SLACK_LIMITS.headerText ? [section(line(unmarked(view.title), 2000))] : [];

function body(view: RequestView): readonly Part[] {
  return [
    ...part(0, [section(`${asks(view)} · ${moment(view.openedAt)}`)]),
    ...each(1, description(view)),
    ...each(2, facts(view, 50, 1000)),
    ...part(0, subject(view)),
    ...part(2, artifacts(view, 50, true)),
    ...part(0, [divider]),
    ...part(0, warnings(view)),
    ...progress(view, 20, DETAILS_ROOM),
    ...part(0, notes(view)),
    ...part(0, view.comments.length + view.information.length + view.escalations.length === 0 ? [] : [divider]),
    ...talk(view),
  ];
}

/** In sections, row by row: a row is never parted. */
function description(view: RequestView): Blocks {
  if (view.description === null) return [];
  const sections: string[] = [];
  let text = '';
  for (const row of markdown(view.description, 2500).map(quoted)) {
    if (text !== '' && text.length + row.length + 1 > SLACK_LIMITS.sectionText) {
      sections.push(text);
      text = '';
    }
    text = text === '' ? row : `${text}\n${row}`;
  }
  if (text !== '') sections.push(text);
  // 4: some 12,000 characters; the others are on the page.
  const blocks: Blocks = sections.slice(0, 4).map(section);
  return sections.length > 4 ? [...blocks, context('The description goes on on the page.')] : blocks;
}

/** Questions, comments and escalations; the newest stay where there is no room for all. */
function talk(view: RequestView): readonly Part[] {
  const entries = [
    ...view.information.map((asked) => ({ at: asked.at, text: questionEntry(asked) })),
    ...view.comments.map(({ by, text, at }) => ({
      at,
      text: `${bold(line(by, DRAWN.name))} commented · ${moment(at)}\n${quoted(saying(text, DRAWN.longSaying, 20))}`,
    })),
    ...view.escalations.map((step) => ({ at: step.at, text: escalationEntry(step) })),
  ].sort((a, b) => a.at - b.at);
  const shown = entries.slice(-25);
  const hidden = entries.length - shown.length;
  return [
    ...part(5, hidden === 0 ? [] : [context(`… ${hidden} earlier entries on the page`)]),
    ...shown.flatMap(({ text }, i) => part(5 + shown.length - i, [section(text)])),
  ];
}

function escalationEntry(step: RequestView['escalations'][number]): string {
  const { people, mode, at } = step;
  const instead = mode === 'replace' ? ', who decide instead' : '';
  const who = people.length === 0 ? ', but nobody could be added' : ` to ${names(people, 20)}${instead}`;
  return `${escalatedWords(step)}${who} · ${moment(at)}`;
}

function questionEntry({ by, question, at, answer }: RequestView['information'][number]): string {
  const asked = `${bold(line(by.name, DRAWN.name))} asked · ${moment(at)}\n${quoted(saying(question, DRAWN.saying * 5, 10))}`;
  if (answer === null) return `${asked}\nNot answered yet`;
  const answered = `${bold(line(answer.by, DRAWN.name))} answered · ${moment(answer.at)}`;
  return `${asked}\n${answered}\n${quoted(saying(answer.text, DRAWN.saying * 5, 10))}`;
}

/** Every option, then every other step. */
function buttons(view: RequestView, link: string): Blocks {
  const votes = votesOf(view);
  const decide =
    view.mustReview && votes.length > 0
      ? [linkButton('Review on the web page', link, view, 'primary')]
      : votes.map((action) => voteButton(action, view));
  const steps = stepsOf(view).map((action) => stepButton(action, view));
  const most = SLACK_LIMITS.actionsElements;
  return [
    ...(decide.length === 0 ? [] : [{ type: 'actions' as const, elements: decide.slice(0, most) }]),
    ...(steps.length === 0 ? [] : [{ type: 'actions' as const, elements: steps.slice(0, most) }]),
  ];
}

const footer = (view: RequestView, link: string): Blocks[number] =>
  context(
    `${line(view.id, 100)} · ${line(view.gate, 100)} · ${ownLink(link, 'Open the full request')}\nWhat is decided here: ${line(view.digest, 100)}`,
  );
