/**
 * src/adapters/slack/render/parts.ts: the parts that the message, the details and the lists have in common. What others
 * wrote stands in fields and behind bars, where it can't pass for ours.
 */
import type { RequestView, StageView } from '../../../engine/view.ts';
import { escalatedWords, markOf, stateOf, viaWords } from '../../words.ts';
import { type Blocks, context, type Part, section } from './blocks.ts';
import { DRAWN, SLACK_LIMITS } from './limits.ts';
import { type Room, said, stageEntries } from './progress.ts';
import { bold, code, joined, line, moment, mrkdwn, names, outsideLink, unmarked } from './text.ts';

/** Blocks of one rank; null where there is nothing to show. */
export const part = (rank: number, blocks: Blocks): readonly Part[] => (blocks.length === 0 ? [] : [{ rank, blocks }]);

/** Each block by itself, so that some may stay where not all can. */
export const each = (rank: number, blocks: Blocks): readonly Part[] => blocks.flatMap((block) => part(rank, [block]));

const onThePage = (count: number): string => `… and ${count} more on the page`;

/** The state in words, before anything that was written by others. */
export function kicker(view: RequestView, isMine: boolean): Blocks[number] {
  if (view.outcome !== null) return section(outcome(view));
  const state = isMine && stateOf(view) === 'Approval needed' ? 'Your approval is needed' : stateOf(view);
  return context([`${markOf(view)} ${bold(state)}`, `gate ${line(view.gate, 100)}`, ...stageOf(view)].join(' · '));
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
function outcome(view: RequestView): string {
  if (view.outcome === null) return '';
  const through = [...new Set(decidingVotes(view).map(({ via }) => viaWords[via]))].join(' and ');
  const when = `${moment(view.outcome.at)}${through === '' ? '' : ` ${through}`}`;
  const head = `${markOf(view)} ${bold(line(view.outcome.sentence, 500))} · ${when}`;
  return said(head, view.outcome, { saying: DRAWN.saying * 2, sayingLines: 6 });
}

const decidingVotes = (view: RequestView) =>
  view.outcome?.cause === 'votes'
    ? view.stages
        .flatMap(({ votes }) => votes)
        .filter(({ counts, person }) => counts && view.outcome?.decidedBy.some(({ id }) => id === person.id))
    : [];

/** The requester is the pipeline's word; this says so. */
export function asks(view: RequestView): string {
  const pipeline = bold(line(view.pipeline, 100));
  const verb = view.outcome === null ? 'asks' : 'asked';
  if (view.requester === null) return `The pipeline ${pipeline} ${verb}`;
  return `The pipeline ${pipeline} says ${bold(line(view.requester.name, DRAWN.name))} ${verb}`;
}

/** @param most facts to show */
export function facts(view: RequestView, most: number, valueLimit: number): Blocks {
  const shown = view.facts.slice(0, most);
  const fields = shown.map(({ label, value }) =>
    mrkdwn(`${bold(`${line(unmarked(label), DRAWN.factLabel)}:`)} ${line(value, valueLimit) || '–'}`),
  );
  const blocks: Blocks = [];
  for (let at = 0; at < fields.length; at += SLACK_LIMITS.fields)
    blocks.push({ type: 'section', fields: fields.slice(at, at + SLACK_LIMITS.fields) });
  const rest = view.facts.length - shown.length;
  return rest === 0 ? blocks : [...blocks, context(onThePage(rest))];
}

/** What exactly is approved. */
export function subject({ subject }: RequestView): Blocks {
  if (subject === null) return [];
  const name = subject.url === null ? line(subject.name, 200) : outsideLink(subject.url, subject.name, 200);
  return [context(`For exactly ${name}${subject.digest === null ? '' : `\n${line(subject.digest, 200)}`}`)];
}

export function artifacts(view: RequestView, most: number, withDigest: boolean): Blocks {
  const shown = view.artifacts.slice(0, most);
  const rest = view.artifacts.length - shown.length;
  const entries = shown.map(({ name, url, digest }) => {
    const exact = withDigest && digest !== null ? ` ${code(digest, 200)}` : '';
    return `• ${outsideLink(url, name, DRAWN.artifactName)}${exact}`;
  });
  if (entries.length === 0) return [];
  return [section(joined([...entries, ...(rest === 0 ? [] : [onThePage(rest)])], onThePage))];
}

/** Each stage is a part of its own; the open one is the last to go. */
export function progress(view: RequestView, most: number, room: Room): readonly Part[] {
  const shown = around(view, most);
  const rest = view.stages.length - shown.length;
  return [
    ...shown.flatMap((stage) => stagePart(stage, view, room)),
    ...part(1, rest === 0 ? [] : [context(`… and ${rest} more ${rest === 1 ? 'stage' : 'stages'} on the page`)]),
  ];
}

function stagePart(stage: StageView, view: RequestView, room: Room): readonly Part[] {
  const entries = stageEntries(stage, view, room);
  const rank = stage.state === 'open' || stage.state === 'rejected' ? 0 : 2;
  return part(rank, entries.length === 0 ? [] : [section(joined(entries, onThePage))]);
}

/** Stages next to the open one, or the last ones. */
function around(view: RequestView, most: number): RequestView['stages'] {
  if (view.stages.length <= most) return view.stages;
  const open = view.stages.findIndex(({ state }) => state === 'open');
  const end = open < 0 ? view.stages.length : Math.min(view.stages.length, Math.max(most, open + 2));
  return view.stages.slice(end - most, end);
}

/** A question waits for its answer. */
export function questions(view: RequestView): Blocks {
  const asked = view.information.filter(({ answer }) => answer === null).slice(-2);
  const lines = asked.map(
    ({ by, question }) =>
      `❓ ${bold(line(by.name, DRAWN.name))} asks for information: “${line(question, DRAWN.saying)}”`,
  );
  return lines.length === 0 ? [] : [section(lines.join('\n'))];
}

export function lastEscalation(view: RequestView): Blocks {
  const last = view.escalations.at(-1);
  if (view.outcome !== null || last === undefined || last.people.length === 0) return [];
  return [context(`${escalatedWords(last)} to ${names(last.people)} · ${moment(last.at)}`)];
}

/** What has to be known before deciding. */
export function warnings(view: RequestView): Blocks {
  const lines: string[] = [];
  if (view.paused !== null) lines.push(`⏸️ ${line(view.paused.sentence, 300)} · ${moment(view.paused.at)}`);
  if (view.held !== null) lines.push(`⏳ ${line(view.held.sentence, 300)}: ${moment(view.held.until)}`);
  if (view.outcome?.afterReview === 'due')
    lines.push('⚠️ This bypass is still to be reviewed by somebody else: see Details.');
  return lines.length === 0 ? [] : [section(lines.join('\n'))];
}

/** What silence means and when, and what else there is to say in small type. */
export function notes(view: RequestView): Blocks {
  const lines: string[] = [];
  if (view.asked !== undefined) {
    const until = view.asked.until === null ? '' : ` until ${moment(view.asked.until)}`;
    lines.push(`👤 ${line(view.asked.sentence, 300)}${until}`);
  }
  if (view.myVote !== null)
    lines.push(`You chose ${bold(line(view.myVote.optionLabel, 100))} ${viaWords[view.myVote.via]}.`);
  else if (view.notice !== null) lines.push(line(view.notice, 300));
  if (view.silence !== null)
    lines.push(
      `${line(view.silence.sentence, 300)}${view.silence.at === null ? '' : ` · ${bold(moment(view.silence.at))}`}`,
    );
  if (view.sla === 'warned') lines.push('⚠️ Close to missing its SLA');
  if (view.sla === 'breached') lines.push('⚠️ Its SLA is missed');
  const review = view.outcome?.afterReview ?? null;
  if (review !== null && review !== 'due') {
    const note = review.note === null ? '' : `: “${line(review.note, DRAWN.saying)}”`;
    lines.push(`Bypass reviewed by ${bold(line(review.by.name, DRAWN.name))} · ${moment(review.at)}${note}`);
  }
  for (const { sentence, at } of view.undelivered.slice(-2)) lines.push(`⚠️ ${line(sentence, 300)} · ${moment(at)}`);
  return lines.length === 0 ? [] : [context(lines.join('\n'))];
}
