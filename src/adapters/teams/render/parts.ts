/**
 * src/adapters/teams/render/parts.ts: the parts of a request's card. What others wrote stands in frames, in columns and
 * after words of ours, where it can't pass for ours.
 */
import type { RequestView } from '../../../engine/view.ts';
import { escalatedWords, markOf, stateOf, viaWords } from '../../words.ts';
import type { Element, TextRun } from './card.ts';
import { descriptionRows, lengthOf } from './description.ts';
import { DRAWN } from './limits.ts';
import { said } from './progress.ts';
import { bold, line, moment, names, outsideLink, ownLink, rich, run, small, unmarked, words } from './text.ts';
import { lookOf } from './words.ts';

const onThePage = (count: number): Element => small([`… and ${count} more on the page`]);

/** The state in words, before anything that was written by others. */
export function kicker(view: RequestView, isMine: boolean): Element {
  const items = view.outcome === null ? [asked(view, isMine)] : outcome(view);
  return { type: 'Container', style: lookOf(view), bleed: true, items };
}

function asked(view: RequestView, isMine: boolean): Element {
  const state = isMine && stateOf(view) === 'Approval needed' ? 'Your approval is needed' : stateOf(view);
  const where = [`gate ${line(view.gate, 100)}`, ...stageOf(view)].join(' · ');
  return rich([bold(`${markOf(view)} ${state}`), ` · ${where}`]);
}

function stageOf(view: RequestView): readonly string[] {
  const stages = view.stages.filter(({ state }) => state !== 'skipped');
  const index = stages.findIndex(({ state }) => state === 'open');
  const open = stages[index];
  return open === undefined || stages.length < 2
    ? []
    : [`stage ${index + 1} of ${stages.length}, ${line(open.name, 100)}`];
}

/** Who, what, when, through which channel, and why. */
function outcome(view: RequestView): readonly Element[] {
  if (view.outcome === null) return [];
  const through = [...new Set(decidingVotes(view).map(({ via }) => viaWords[via]))].join(' and ');
  const when = `${moment(view.outcome.at)}${through === '' ? '' : ` ${through}`}`;
  return [
    rich([bold(`${markOf(view)} ${line(view.outcome.sentence, 500)}`)]),
    small([`${when} · gate ${line(view.gate, 100)}`], { spacing: 'none' }),
  ];
}

const decidingVotes = (view: RequestView) =>
  view.outcome?.cause === 'votes'
    ? view.stages
        .flatMap(({ votes }) => votes)
        .filter(({ counts, person }) => counts && view.outcome?.decidedBy.some(({ id }) => id === person.id))
    : [];

/** The reason of the decision and what was answered with it, in a frame where they can't pass for ours. */
export function why({ outcome }: RequestView): readonly Element[] {
  if (outcome === null) return [];
  const hasReason = outcome.reason !== null && outcome.reason.trim() !== '';
  const rows = said(outcome, DRAWN.saying * 2, 6).map((row, i) =>
    hasReason && i === 0 ? [bold('Reason: '), ...row] : row,
  );
  return rows.length === 0 ? [] : [frame(rows)];
}

const frame = (rows: readonly (readonly (TextRun | string)[])[]): Element => ({
  type: 'Container',
  style: 'emphasis',
  spacing: 'medium',
  items: rows.map((row, i) => rich(row, i === 0 ? {} : { spacing: 'none' })),
});

export const title = (view: RequestView): Element =>
  rich([run(line(unmarked(view.title), DRAWN.title), { size: 'large', weight: 'bolder' })], { spacing: 'medium' });

/** The requester is the pipeline's word; this says so. */
export function asks(view: RequestView): Element {
  const verb = view.outcome === null ? 'asks' : 'asked';
  const pipeline = bold(line(view.pipeline, 100));
  const who = view.requester === null ? [] : [' says ', bold(line(view.requester.name, DRAWN.name))];
  return small(['The pipeline ', pipeline, ...who, ` ${verb}`], { spacing: 'none' });
}

export function description(view: RequestView): readonly Element[] {
  if (view.description === null || view.description.trim() === '') return [];
  const rows = descriptionRows(view.description);
  const shown: (readonly TextRun[])[] = [];
  let room: number = DRAWN.description;
  for (const row of rows.slice(0, DRAWN.descriptionLines)) {
    room -= lengthOf(row);
    if (room < 0) break;
    shown.push(row);
  }
  if (rows.length === 0) return [];
  const cut = shown.length < rows.length ? [small(['This is shortened: see the full request.'])] : [];
  const items = shown.map((row, i) => rich(row, i === 0 ? {} : { spacing: 'none' }));
  return [{ type: 'Container', style: 'emphasis', spacing: 'medium', items: [...items, ...cut] }];
}

/** Two columns: a label can't pass for a value, nor either for a line of ours. */
export function facts(view: RequestView): readonly (readonly Element[])[] {
  const shown = view.facts.slice(0, DRAWN.facts);
  const rest = view.facts.length - shown.length;
  return [
    ...shown.map(({ label, value }, i) => [fact(label, value, i === 0)]),
    ...(rest === 0 ? [] : [[onThePage(rest)]]),
  ];
}

export function fact(label: string, value: string, isFirst: boolean): Element {
  return {
    type: 'ColumnSet',
    spacing: isFirst ? 'medium' : 'small',
    columns: [
      {
        type: 'Column',
        width: '1',
        items: [rich([run(line(unmarked(label), DRAWN.factLabel), { isSubtle: true })])],
      },
      { type: 'Column', width: '2', items: [rich([line(value, DRAWN.factValue)])] },
    ],
  };
}

/** What exactly is approved. */
export function subject({ subject }: RequestView): readonly Element[] {
  if (subject === null) return [];
  const { name, url, digest } = subject;
  const words = url === null ? [bold(line(name, 200))] : outsideLink(url, name, 200, { weight: 'bolder' });
  const exact = digest === null ? [] : [run(` ${line(digest, 200)}`, { fontType: 'monospace', isSubtle: true })];
  return [small(['For exactly ', ...words, ...exact], { spacing: 'medium' })];
}

export function artifacts(view: RequestView): readonly Element[] {
  const shown = view.artifacts.slice(0, DRAWN.artifacts);
  const rest = view.artifacts.length - shown.length;
  return [
    ...shown.map(({ name, url }, i) =>
      rich(['• ', ...outsideLink(url, name, DRAWN.artifactName)], { spacing: i === 0 ? 'medium' : 'none' }),
    ),
    ...(rest === 0 ? [] : [onThePage(rest)]),
  ];
}

/** What has to be known before deciding. */
export function warnings(view: RequestView): readonly Element[] {
  const lines: string[] = [];
  if (view.paused !== null) lines.push(`⏸️ ${line(view.paused.sentence, 300)} · ${moment(view.paused.at)}`);
  if (view.held !== null) lines.push(`⏳ ${line(view.held.sentence, 300)}: ${moment(view.held.until)}`);
  if (view.outcome?.afterReview === 'due') lines.push('⚠️ This bypass is still to be reviewed by somebody else.');
  return lines.map((text) => rich([text], { spacing: 'medium' }));
}

/** A question waits for its answer. */
export const questions = (view: RequestView): readonly Element[] =>
  view.information
    .filter(({ answer }) => answer === null)
    .slice(-2)
    .map(({ by, question }) =>
      rich(['❓ ', bold(line(by.name, DRAWN.name)), ` asks for information: “${line(question, DRAWN.saying)}”`], {
        spacing: 'medium',
      }),
    );

/** The newest of what was said; all of it is on the page. */
export function lastComment(view: RequestView): readonly Element[] {
  const last = view.comments.at(-1);
  if (view.outcome !== null || last === undefined) return [];
  const rest = view.comments.length === 1 ? '' : ` · ${view.comments.length - 1} more on the page`;
  return [small([bold(line(last.by, DRAWN.name)), ` commented: “${line(last.text, DRAWN.saying)}”${rest}`])];
}

export function lastEscalation(view: RequestView): readonly Element[] {
  const last = view.escalations.at(-1);
  if (view.outcome !== null || last === undefined || last.people.length === 0) return [];
  return [small([`${escalatedWords(last)} to ${names(last.people)} · ${moment(last.at)}`])];
}

/** What silence means and when, and what else there is to say in small type. */
export function notes(view: RequestView): readonly Element[] {
  const rows: (readonly (TextRun | string)[])[] = [];
  if (view.asked !== undefined) {
    const until = view.asked.until === null ? '' : ` until ${moment(view.asked.until)}`;
    rows.push([`👤 ${line(view.asked.sentence, 300)}${until}`]);
  }
  if (view.myVote !== null)
    rows.push(['You chose ', bold(line(view.myVote.optionLabel, 100)), ` ${viaWords[view.myVote.via]}.`]);
  else if (view.notice !== null) rows.push([line(view.notice, 300)]);
  if (view.silence !== null)
    rows.push([
      line(view.silence.sentence, 300),
      ...(view.silence.at === null ? [] : [' · ', bold(moment(view.silence.at))]),
    ]);
  if (view.sla === 'warned') rows.push(['⚠️ Close to missing its SLA']);
  if (view.sla === 'breached') rows.push(['⚠️ Its SLA is missed']);
  const review = view.outcome?.afterReview ?? null;
  if (review !== null && review !== 'due') {
    const note = review.note === null ? '' : `: “${line(review.note, DRAWN.saying)}”`;
    rows.push(['Bypass reviewed by ', bold(line(review.by.name, DRAWN.name)), ` · ${moment(review.at)}${note}`]);
  }
  for (const { sentence, at } of view.undelivered.slice(-2)) rows.push([`⚠️ ${line(sentence, 300)} · ${moment(at)}`]);
  return rows.map((row, i) => small(row, { spacing: i === 0 ? 'medium' : 'none' }));
}

/** By what it is found again. */
export const footer = (view: RequestView): Element =>
  small([`${line(view.id, 100)} · pipeline ${line(view.pipeline, 100)}`], { spacing: 'medium' });

export const shortened = (link: string): Element =>
  small(['This is shortened; ', ownLink(link, 'open the full request'), '.']);

export const hint = (text: string): Element => words(text, { isSubtle: true, spacing: 'medium' });
