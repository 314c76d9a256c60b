/** src/adapters/teams/render/notice.ts: one-off messages about a request: reminders, escalations, the outcome, the history. */
import type { PersonId } from '../../../engine/definition.ts';
import type { RequestView } from '../../../engine/view.ts';
import type { Notice } from '../../channel.ts';
import { noticeMarks } from '../../words.ts';
import { openUrl } from './actions.ts';
import { type Card, cardOf, type Mention } from './card.ts';
import { DRAWN } from './limits.ts';
import { Mentions } from './mentions.ts';
import { line, literal, ownLink, rich, small, words } from './text.ts';

export interface NoticeAt {
  readonly view: RequestView;
  /** Absolute address of the request's web page. */
  readonly link: string;
  /** As with a surface: whom it calls; null for people without an account here, and in a chat of their own. */
  mention(person: PersonId): Mention | null;
}

/** The sentence first; who is meant, and what it is about, below it. */
export function notice(said: Notice, { view, link, mention }: NoticeAt): Card {
  const mentions = new Mentions(mention);
  const called = (said.people ?? []).flatMap((person) => mentions.called(person) ?? []);
  // On one line: what somebody wrote is part of it, and must not begin one of its own.
  const sentence = `${noticeMarks[said.kind]}${line(said.sentence, 1000) || '–'}`;
  // In the thread the card above says what it is about.
  const isHistory = said.kind === 'history';
  const body = [
    isHistory ? small([sentence]) : rich([sentence]),
    ...(called.length === 0 ? [] : [words([...new Set(called)].join(', '), { spacing: 'small' })]),
    ...(isHistory ? [] : [small([ownLink(link, view.title, 150), ` · ${line(view.id, 100)}`])]),
  ];
  const text = line(`${sentence} · ${line(view.title, 150)}`, DRAWN.fallbackText);
  const card = cardOf(text, body, isHistory ? {} : { actions: [openUrl('Open', link)] });
  const entities = mentions.in(body);
  return entities.length === 0 ? card : { ...card, msteams: { ...card.msteams, entities } };
}

/** What belongs to no request. */
export function told(text: string): Card {
  const rows = (literal(text.trim(), 3000) || '–').split('\n').slice(0, DRAWN.rows);
  return cardOf(
    line(text, DRAWN.fallbackText) || '–',
    rows.map((row, i) => rich([row], i === 0 ? {} : { spacing: 'none' })),
  );
}
