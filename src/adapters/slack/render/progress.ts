/** src/adapters/slack/render/progress.ts: who has voted, how and why, and who is missing, as lines of mrkdwn. */
import type { RequestView, RuleView, StageView, VoteView } from '../../../engine/view.ts';
import { stageWords, viaWords } from '../../words.ts';
import { DRAWN } from './limits.ts';
import { bold, joined, line, moment, names, quoted, saying, unmarked } from './text.ts';

/** How much room the lines may take. */
export interface Room {
  /** Votes in each stage; the newest stay. */
  readonly votes: number;
  /** Characters and lines of one reason. */
  readonly saying: number;
  readonly sayingLines: number;
  readonly names: number;
  /** Whether stages that were not needed are named. */
  readonly withSkipped: boolean;
}

export const MESSAGE_ROOM: Room = {
  votes: DRAWN.votes,
  saying: DRAWN.saying,
  sayingLines: 3,
  names: DRAWN.names,
  withSkipped: false,
};
export const DETAILS_ROOM: Room = {
  votes: 40,
  saying: DRAWN.longSaying,
  sayingLines: 20,
  names: 40,
  withSkipped: true,
};

/** "✓ *Ana Silva* approved · Today at 9:18 in Slack", with the reason behind a bar below it. */
function voteEntry(vote: VoteView, room: Room): string {
  const who = bold(line(vote.person.name, DRAWN.name));
  const behalf = vote.onBehalfOf === null ? '' : ` for ${line(vote.onBehalfOf.name, DRAWN.name)}`;
  const through = vote.pipeline === null ? '' : ` by the pipeline ${line(vote.pipeline, DRAWN.name)}`;
  const mark = vote.counts ? (vote.outcome === 'approved' ? '✓' : '✗') : '–';
  const discounted = vote.counts ? '' : ' · does not count any more';
  const head = `${mark} ${who}${behalf} ${choiceOf(vote)} · ${moment(vote.at)} ${viaWords[vote.via]}${through}${discounted}`;
  return said(head, vote, room);
}

/** A line, and behind a bar below it the reason and the answers that came with it. */
export function said(
  head: string,
  vote: Pick<VoteView, 'reason' | 'inputs'>,
  room: Pick<Room, 'saying' | 'sayingLines'>,
): string {
  const reason = vote.reason === null ? '' : saying(vote.reason, room.saying, room.sayingLines);
  const inputs = vote.inputs.map(
    ({ label, value }) => `${line(label, DRAWN.factLabel)}: ${line(value, Math.min(room.saying, DRAWN.saying))}`,
  );
  const answers = joined(inputs.length === 0 ? [] : [inputs.join(' · ')], () => '… see the full request', 1000);
  const below = [reason, answers].filter((text) => text !== '');
  return below.length === 0 ? head : `${head}\n${quoted(below.join('\n'))}`;
}

/** The plain options have verbs; others are called by their labels. */
function choiceOf(vote: VoteView): string {
  if (vote.option === 'approve') return 'approved';
  if (vote.option === 'reject') return 'rejected';
  return `chose ${bold(line(vote.optionLabel, DRAWN.name))}`;
}

function ruleLine(rule: RuleView, isPending: boolean, room: Room): string {
  const count = bold(`${rule.approvals} of ${rule.needed} ${rule.needed === 1 ? 'approval' : 'approvals'}`);
  const against = rule.rejections === 0 ? '' : ` · ${rule.rejections} against`;
  const isWaiting = isPending && rule.state === 'open' && rule.missing.length > 0;
  const missing = isWaiting ? ` · waiting for ${names(rule.missing, room.names, 'or')}` : '';
  return `${count}${against}${missing}`;
}

/** A stage with its votes, one entry each. The name is left out where there is only one stage. */
export function stageEntries(stage: StageView, view: RequestView, room: Room): readonly string[] {
  const isPending = view.status === 'pending';
  const name = view.stages.length === 1 ? '' : line(unmarked(stage.name), 100);
  const titled = (words: string): string => (name === '' ? words : `${bold(name)} · ${words}`);
  const votes = voteEntries(stage, view, room);
  if (stage.state === 'skipped') return room.withSkipped ? [titled(stageWords.skipped)] : [];
  if (!isPending && stage.state === 'waiting') return [titled('ended before this')];
  if (stage.state === 'passed' && stage.rules.length < 2 && name !== '') return [titled(stageWords.passed), ...votes];
  const [rule, ...others] = stage.rules;
  if (rule === undefined) return [titled(stageWords[stage.state]), ...votes];
  const later = stage.state === 'waiting' ? ` · ${stageWords.waiting}` : '';
  if (others.length === 0) return [`${titled(ruleLine(rule, isPending, room))}${later}`, ...votes];
  const state = isPending || stage.state !== 'open' ? stageWords[stage.state] : 'ended here';
  return [titled(state), ...stage.rules.map((each) => `• ${ruleLine(each, isPending, room)}`), ...votes];
}

function voteEntries(stage: StageView, view: RequestView, room: Room): readonly string[] {
  const shown = stage.votes
    .slice(-room.votes)
    .map((vote) => (isSaidAbove(vote, view) ? { ...vote, reason: null } : vote));
  const hidden = stage.votes.length - shown.length;
  const earlier = hidden === 0 ? [] : [`… ${hidden} earlier ${hidden === 1 ? 'vote' : 'votes'} on the page`];
  return [...earlier, ...shown.map((vote) => voteEntry(vote, room))];
}

/** The reason of the vote that decided stands with the outcome. */
const isSaidAbove = (vote: VoteView, { outcome }: RequestView): boolean =>
  outcome !== null && vote.reason === outcome.reason && outcome.decidedBy.some(({ id }) => id === vote.person.id);
