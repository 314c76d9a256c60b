/** src/adapters/teams/render/progress.ts: who has voted, how and why, and who is missing. */
import type { RequestView, RuleView, StageView, VoteView } from '../../../engine/view.ts';
import { stageWords, viaWords } from '../../words.ts';
import type { Element, TextRun } from './card.ts';
import { type Part, part } from './fit.ts';
import { DRAWN } from './limits.ts';
import type { Mentions } from './mentions.ts';
import { bold, line, moment, names, rich, run, saying, small, unmarked, words } from './text.ts';

/** Each stage is a part of its own; the open one is the last to go. */
export function progress(view: RequestView, mentions: Mentions): readonly Part[] {
  const shown = around(view, DRAWN.stages);
  const rest = view.stages.length - shown.length;
  return [
    ...shown.flatMap((stage) => {
      const rank = stage.state === 'open' || stage.state === 'rejected' ? 0 : 2;
      const [head, ...votes] = stageRows(stage, view, mentions);
      return head === undefined ? [] : [...part(rank, head), ...votes.flatMap((vote) => part(rank + 1, vote))];
    }),
    ...part(1, rest === 0 ? [] : [small([`… and ${rest} more ${rest === 1 ? 'stage' : 'stages'} on the page`])]),
  ];
}

/** Stages next to the open one, or the last ones. */
function around(view: RequestView, most: number): RequestView['stages'] {
  if (view.stages.length <= most) return view.stages;
  const open = view.stages.findIndex(({ state }) => state === 'open');
  const end = open < 0 ? view.stages.length : Math.min(view.stages.length, Math.max(most, open + 2));
  return view.stages.slice(end - most, end);
}

/** The stage itself, then each of its votes. Its name is left out where it is the only one. */
function stageRows(stage: StageView, view: RequestView, mentions: Mentions): readonly (readonly Element[])[] {
  if (stage.state === 'skipped') return [];
  const isPending = view.outcome === null;
  const name = view.stages.length === 1 ? '' : line(unmarked(stage.name), 100);
  const titled = (text: string): readonly Element[] => [
    rich(name === '' ? [text] : [bold(name), ` · ${text}`], { spacing: 'medium' }),
  ];
  const votes = voteRows(stage, view);
  if (!isPending && stage.state === 'waiting') return [titled('ended before this')];
  if (stage.state === 'waiting') return [titled(`${countOf(stage)}${stageWords.waiting}`)];
  if (stage.state === 'passed' && stage.rules.length < 2 && name !== '') return [titled(stageWords.passed), ...votes];
  const isWaiting = isPending && stage.state === 'open';
  const state = isPending || stage.state !== 'open' ? stageWords[stage.state] : 'ended here';
  const heading = name === '' && stage.rules.length < 2 ? [] : titled(state);
  const rules = stage.rules.map((rule, i) =>
    ruleLine(rule, isWaiting, mentions, heading.length + i === 0, stage.rules.length > 1),
  );
  return [[...heading, ...rules], ...votes];
}

const countOf = ({ rules }: StageView): string => {
  const needed = rules.reduce((sum, rule) => sum + rule.needed, 0);
  return needed === 0 ? '' : `${needed} ${needed === 1 ? 'approval' : 'approvals'} · `;
};

/** "1 of 2 approvals · waiting for …", calling those who are missing where they can be called. */
function ruleLine(
  rule: RuleView,
  isWaiting: boolean,
  mentions: Mentions,
  isFirst: boolean,
  isOneOfMany: boolean,
): Element {
  const count = `${rule.approvals} of ${rule.needed} ${rule.needed === 1 ? 'approval' : 'approvals'}`;
  const against = rule.rejections === 0 ? '' : ` · ${rule.rejections} against`;
  const isMissing = isWaiting && rule.state === 'open' && rule.missing.length > 0;
  const missing = isMissing ? ` · waiting for ${names(rule.missing, { last: 'or', nameOf: mentions.nameOf })}` : '';
  return words(`${isOneOfMany ? '• ' : ''}**${count}**${against}${missing}`, { spacing: isFirst ? 'medium' : 'small' });
}

function voteRows(stage: StageView, view: RequestView): readonly (readonly Element[])[] {
  const shown = stage.votes.slice(-DRAWN.votes);
  const hidden = stage.votes.length - shown.length;
  const earlier = hidden === 0 ? [] : [[small([`… ${hidden} earlier ${hidden === 1 ? 'vote' : 'votes'} on the page`])]];
  return [...earlier, ...shown.map((vote) => voteRow(isSaidAbove(vote, view) ? { ...vote, reason: null } : vote))];
}

/** The reason of the vote that decided stands with the outcome. */
const isSaidAbove = (vote: VoteView, { outcome }: RequestView): boolean =>
  outcome !== null && vote.reason === outcome.reason && outcome.decidedBy.some(({ id }) => id === vote.person.id);

/** "✓ Ana Silva approved · 22 Nov 2026, 9:18 UTC in Slack", with the reason in a frame below it. */
function voteRow(vote: VoteView): readonly Element[] {
  const behalf = vote.onBehalfOf === null ? '' : ` for ${line(vote.onBehalfOf.name, DRAWN.name)}`;
  const through = vote.pipeline === null ? '' : ` by the pipeline ${line(vote.pipeline, DRAWN.name)}`;
  const mark = vote.counts ? (vote.outcome === 'approved' ? '✓' : '✗') : '–';
  const discounted = vote.counts ? '' : ' · does not count any more';
  const when = `${moment(vote.at)} ${viaWords[vote.via]}${through}${discounted}`;
  return [
    rich(
      [
        `${mark} `,
        bold(line(vote.person.name, DRAWN.name)),
        `${behalf} ${choiceOf(vote)} · `,
        run(when, { size: 'small', isSubtle: true }),
      ],
      { spacing: 'small' },
    ),
    ...said(vote, DRAWN.saying, 3).map((row) => small(['│ ', ...row], { spacing: 'none' })),
  ];
}

/** The reason and the answers that came with a decision, a row each. Whoever draws them sets them apart from our words. */
export function said(
  { reason, inputs }: Pick<VoteView, 'reason' | 'inputs'>,
  limit: number,
  rows: number,
): readonly (readonly (TextRun | string)[])[] {
  const reasons = reason === null || reason.trim() === '' ? [] : saying(reason, limit, rows);
  const shown = inputs.slice(0, 8);
  const rest = inputs.length - shown.length;
  return [
    ...reasons.map((row) => [row]),
    ...shown.map(({ label, value }) => [
      bold(`${line(unmarked(label), DRAWN.factLabel)}: `),
      line(value, DRAWN.saying) || '–',
    ]),
    ...(rest === 0 ? [] : [[`… and ${rest} more on the page`]]),
  ];
}

/** The plain options have verbs; others are called by their labels. */
function choiceOf({ option, optionLabel }: VoteView): string {
  if (option === 'approve') return 'approved';
  return option === 'reject' ? 'rejected' : `chose ${line(optionLabel, DRAWN.name)}`;
}
