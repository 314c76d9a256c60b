/** src/adapters/slack/render/reply.ts: what `/gates …` answers. */
import type { ChatReply } from '../../chat.ts';
import { type Drawn, header, type Part, section, within } from './blocks.ts';
import { DRAWN, SLACK_LIMITS } from './limits.ts';
import { type ListAt, listShortened, pageParts } from './lists.ts';
import { surface } from './message.ts';
import { part } from './parts.ts';
import { bold, code, line, literal } from './text.ts';

export function reply(answer: ChatReply, at: ListAt): Drawn {
  switch (answer.kind) {
    case 'text': {
      const text = literal(answer.text.trim(), SLACK_LIMITS.sectionText) || '–';
      return { text: literal(answer.text.trim(), DRAWN.fallbackText) || '–', blocks: [section(text)] };
    }
    case 'request':
      return surface(answer.view, { link: at.link(answer.view.id), isShared: false });
    case 'list': {
      const { requests } = answer.page;
      const titles = requests.map(({ title, id }) => `${line(title, 100)} (${id})`);
      return drawn(
        [answer.heading, ...(requests.length === 0 ? [answer.empty] : titles)],
        requests.length === 0
          ? part(0, [section(line(answer.empty, 1000) || '–')])
          : pageParts(answer.page, answer.list, at),
      );
    }
    case 'facts': {
      const lines = answer.facts.map(({ label, value }) => `${bold(line(label, 150))}  ${line(value, 500)}`);
      return drawn([answer.heading, ...answer.facts.map(({ label, value }) => `${label}: ${value}`)], sections(lines));
    }
    case 'help': {
      const heading = 'What you can do here';
      const lines = answer.commands.map(({ usage, does }) => `${code(usage, 150)}  ${line(does, 300)}`);
      return drawn([heading, ...answer.commands.map(({ usage, does }) => `${usage}: ${does}`)], sections(lines));
    }
  }
}

/** The first of `words` is the heading. */
function drawn([heading = '', ...words]: readonly string[], parts: readonly Part[]): Drawn {
  const room = { blocks: SLACK_LIMITS.messageBlocks, text: DRAWN.messageText };
  return {
    text: line([heading, ...words.slice(0, 20)].join('; '), DRAWN.fallbackText) || '–',
    blocks: within([...part(0, [header(heading)]), ...parts], room, listShortened),
  };
}

/** As many lines in a section as it holds. */
function sections(lines: readonly string[]): readonly Part[] {
  const texts: string[] = [];
  for (const row of lines) {
    const last = texts.at(-1);
    if (last === undefined || last.length + row.length + 1 > SLACK_LIMITS.sectionText) texts.push(row);
    else texts[texts.length - 1] = `${last}\n${row}`;
  }
  return texts.flatMap((text, i) => part(i + 1, [section(text)]));
}
