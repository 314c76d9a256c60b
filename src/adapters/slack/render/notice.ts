/** src/adapters/slack/render/notice.ts: one-off messages about a request: reminders, escalations, the outcome, the history. */
import type { PersonId } from '../../../engine/definition.ts';
import type { RequestView } from '../../../engine/view.ts';
import type { Notice } from '../../channel.ts';
import { noticeMarks } from '../../words.ts';
import { context, type Drawn, section } from './blocks.ts';
import { DRAWN, SLACK_LIMITS } from './limits.ts';
import { line, literal, ownLink } from './text.ts';

export interface NoticeAt {
  readonly view: RequestView;
  readonly link: string;
  /** `<@U…>` of a person, null where they have no account here. */
  mention(person: PersonId): string | null;
}

/** The sentence first; who is meant, and what it is about, below it. */
export function notice(said: Notice, { view, link, mention }: NoticeAt): Drawn {
  const mentions = (said.people ?? []).flatMap((person) => mention(person) ?? []).slice(0, DRAWN.mentions);
  // On one line: what somebody wrote is part of it, and must not begin one of its own.
  const sentence = line(said.sentence, DRAWN.fallbackText) || '–';
  const called = mentions.length === 0 ? [] : [mentions.join(' ')];
  const mark = noticeMarks[said.kind];
  const about = [ownLink(link, view.title, 150), line(view.id, 100)].join(' · ');
  // In the thread the message above says what it is about.
  const below = said.kind === 'history' ? [] : [context(about)];
  return {
    text: [`${mark}${line(said.sentence, DRAWN.saying * 3)} · ${line(view.title, 150)}`, ...called].join('\n'),
    blocks: [section([`${mark}${sentence}`, ...called].join('\n')), ...below],
  };
}

/** What belongs to no request. */
export const told = (text: string): Drawn => ({
  text: literal(text.trim(), DRAWN.fallbackText) || '–',
  blocks: [section(literal(text.trim(), SLACK_LIMITS.sectionText) || '–')],
});
