/** src/adapters/teams/render/reply.ts: what a command to the bot answers. */
import type { ChatReply } from '../../chat.ts';
import { type Card, cardOf, type Element } from './card.ts';
import { cost, part, within } from './fit.ts';
import { DRAWN } from './limits.ts';
import { type ListAt, listPage } from './lists.ts';
import { fact } from './parts.ts';
import { surface } from './surface.ts';
import { line, literal, rich, run, small, words } from './text.ts';

export type ReplyAt = ListAt;

export function reply(answer: ChatReply, at: ReplyAt): Card {
  switch (answer.kind) {
    case 'text': {
      const rows = literal(answer.text.trim(), 3000)
        .split('\n')
        .slice(0, DRAWN.rows)
        .map((row, i) => rich([row], i === 0 ? {} : { spacing: 'none' }));
      return drawn(line(answer.text, DRAWN.fallbackText) || '–', [], rows);
    }
    case 'request':
      return surface(answer.view, {
        link: at.link(answer.view.id),
        isShared: false,
        mention: () => null,
        refreshFor: [],
      });
    case 'list': {
      const head = [heading(answer.heading)];
      const { requests } = answer.page;
      const titles = requests.map(({ title, id }) => `${line(title, 100)} (${id})`);
      const text = textOf(answer.heading, requests.length === 0 ? [answer.empty] : titles);
      if (requests.length === 0) return cardOf(text, [...head, rich([line(answer.empty, 1000)])]);
      const list = listPage(answer.page, answer.list, at, DRAWN.cardBytes - cost(cardOf(text, head)));
      return cardOf(text, [...head, ...list.body], { actions: list.actions });
    }
    case 'facts': {
      const text = textOf(
        answer.heading,
        answer.facts.map(({ label, value }) => `${label}: ${value}`),
      );
      return drawn(
        text,
        [heading(answer.heading)],
        answer.facts.map(({ label, value }, i) => fact(label, value, i === 0)),
      );
    }
    case 'help': {
      const text = textOf(
        HELP,
        answer.commands.map(({ usage, does }) => `${usage}: ${does}`),
      );
      const rows = answer.commands.map(({ usage, does }) =>
        rich([run(line(usage, 150), { fontType: 'monospace' }), ` · ${line(does, 300)}`], { spacing: 'small' }),
      );
      return drawn(text, [heading(HELP)], rows);
    }
  }
}

const HELP = 'What you can do here';

const heading = (text: string): Element =>
  text === HELP
    ? words(HELP, { style: 'heading', weight: 'bolder' })
    : rich([run(line(text, 150), { weight: 'bolder', size: 'large' })]);

const textOf = (heading: string, rows: readonly string[]): string =>
  line([heading, ...rows.slice(0, 20)].join('; '), DRAWN.fallbackText) || '–';

/** As many rows as there is room for. */
function drawn(text: string, head: readonly Element[], rows: readonly Element[]): Card {
  const room = DRAWN.cardBytes - cost(cardOf(text, head));
  const parts = rows.flatMap((row, i) => part(i, [row]));
  return cardOf(text, [
    ...head,
    ...within(parts, room, small(['There is more than fits here: it is on the web page.'])),
  ]);
}
