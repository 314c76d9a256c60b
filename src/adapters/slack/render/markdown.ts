/**
 * src/adapters/slack/render/markdown.ts: a description's Markdown as Slack's mrkdwn, by what both have in common. The
 * parser's tokens are mapped one by one, so that only what this file writes is markup; the rest comes out as text.
 */
import MarkdownIt, { type Token } from 'markdown-it';
import { DRAWN } from './limits.ts';
import { bold, code, literal, outsideLink } from './text.ts';

const parser = new MarkdownIt('default', { html: false, linkify: false, typographer: false, maxNesting: 20 }).disable([
  'image',
]);

/** Rows of mrkdwn, each whole: a row that is too long is the only thing that is ever cut, and only in its own text. */
export function markdown(text: string, rowLimit: number = DRAWN.description): readonly string[] {
  // 20,000: what a description may have.
  const rows = new Rows(rowLimit);
  for (const token of parser.parse(text.slice(0, 20_000), {})) rows.take(token);
  return rows.all;
}

/** Opening and closing marks of what is written inside a line. */
const MARKS: Readonly<Record<string, string>> = { strong: '*', em: '_', s: '~' };
const BREAKS = new Set(['softbreak', 'hardbreak']);

class Rows {
  readonly all: string[] = [];
  private readonly limit: number;
  /** One entry for each list around: its next number, or null for bullets. */
  private readonly lists: (number | null)[] = [];
  private quotes = 0;
  private prefix = '';
  private isHeading = false;
  private cells: string[] | null = null;

  constructor(limit: number) {
    this.limit = limit;
  }

  take(token: Token): void {
    switch (token.type) {
      case 'heading_open':
        this.isHeading = true;
        return;
      case 'heading_close':
        this.isHeading = false;
        return;
      case 'bullet_list_open':
        this.lists.push(null);
        return;
      case 'ordered_list_open':
        this.lists.push(Number(token.attrGet('start') ?? 1));
        return;
      case 'bullet_list_close':
      case 'ordered_list_close':
        this.lists.pop();
        this.prefix = '';
        return;
      case 'list_item_open':
        this.prefix = this.nextMark();
        return;
      case 'blockquote_open':
        this.quotes += 1;
        return;
      case 'blockquote_close':
        this.quotes -= 1;
        return;
      case 'tr_open':
        this.cells = [];
        return;
      case 'tr_close':
        this.add((this.cells ?? []).join(' ¦ '));
        this.cells = null;
        return;
      case 'hr':
        this.add('———');
        return;
      case 'code_block':
      case 'fence':
        for (const row of token.content.replace(/\n+$/, '').split('\n'))
          if (row.trim() !== '') this.add(code(row, this.limit));
        return;
      case 'inline':
        this.inline(token.children ?? []);
        return;
    }
  }

  private nextMark(): string {
    const depth = '    '.repeat(Math.max(0, this.lists.length - 1));
    const number = this.lists.at(-1) ?? null;
    if (number === null) return `${depth}• `;
    this.lists[this.lists.length - 1] = number + 1;
    return `${depth}${number}. `;
  }

  private inline(tokens: readonly Token[]): void {
    if (this.cells !== null) {
      this.cells.push(this.row(tokens));
      return;
    }
    let rest = tokens;
    for (;;) {
      const end = rest.findIndex(({ type }) => BREAKS.has(type));
      this.add(this.row(end < 0 ? rest : rest.slice(0, end)));
      if (end < 0) return;
      rest = rest.slice(end + 1);
    }
  }

  private add(row: string): void {
    if (row === '' && this.prefix === '') return;
    const text = this.isHeading && !/[*<`]/.test(row) ? bold(row) : row;
    this.all.push(`${'│ '.repeat(this.quotes)}${this.prefix}${text}`);
    this.prefix = this.prefix === '' ? '' : ' '.repeat(this.prefix.length);
    if (this.lists.length === 0) this.prefix = '';
  }

  /** One line of text. Marks are written only around plain words that stand free: elsewhere Slack shows them as they are. */
  private row(tokens: readonly Token[]): string {
    let row = '';
    for (let i = 0; i < tokens.length; i += 1) {
      const token = tokens[i];
      if (token === undefined) break;
      const [kind = '', side] = token.type.split('_');
      const mark = MARKS[kind];
      const [inner, close] = [tokens[i + 1], tokens[i + 2]];
      if (token.type === 'code_inline') row += code(token.content, this.limit);
      else if (token.type === 'link_open') {
        const end = tokens.findIndex(({ type }, at) => at > i && type === 'link_close');
        const words = tokens
          .slice(i + 1, end)
          .map(({ content }) => content)
          .join('');
        row += outsideLink(String(token.attrGet('href') ?? ''), words, DRAWN.artifactName);
        i = end;
      } else if (side === 'open' && mark !== undefined && inner?.type === 'text' && close?.type === `${kind}_close`) {
        const words = literal(inner.content, this.limit);
        const isFree = isEdge(row.at(-1)) && isEdge(tokens[i + 3]?.content.at(0)) && words === words.trim();
        row += isFree && words !== '' ? `${mark}${words}${mark}` : words;
        i += 2;
      } else if (token.type === 'text') row += literal(token.content, this.limit);
      else if (token.nesting === 0) row += literal(token.content, this.limit);
    }
    return row;
  }
}

/** The beginning, the end, white space or a sign: what Slack asks for around its marks. */
const isEdge = (character: string | undefined): boolean =>
  character === undefined || /[\s(),.;:!?"'–-]/.test(character);
