/**
 * src/adapters/teams/render/description.ts: a description's Markdown as rows of runs. The parser's tokens are mapped
 * one by one, so that bold type, links and lists look alike in every client and nothing of theirs is ever Teams' own.
 */
import MarkdownIt, { type Token } from 'markdown-it';
import type { TextRun } from './card.ts';
import { DRAWN } from './limits.ts';
import { literal, outsideLink, run, type Style } from './text.ts';

const parser = new MarkdownIt('default', { html: false, linkify: false, typographer: false, maxNesting: 20 }).disable([
  'image',
]);

export type Row = readonly TextRun[];

/** How many characters a reader sees of a row. */
export const lengthOf = (row: Row): number => row.reduce((sum, { text }) => sum + text.length, 0);

/** @param limit characters of one text in a row */
export function descriptionRows(text: string, limit: number = DRAWN.description): readonly Row[] {
  // 20,000: what a description may have.
  const rows = new Rows(limit);
  for (const token of parser.parse(text.slice(0, 20_000), {})) rows.take(token);
  return rows.all;
}

const BREAKS = new Set(['softbreak', 'hardbreak']);
const OPENS: Readonly<Record<string, Style>> = {
  strong_open: { weight: 'bolder' },
  em_open: { italic: true },
  s_open: { strikethrough: true },
};
const CLOSES = new Set(['strong_close', 'em_close', 's_close']);

class Rows {
  readonly all: Row[] = [];
  private readonly limit: number;
  /** One entry for each list around: its next number, or null for bullets. */
  private readonly lists: (number | null)[] = [];
  private quotes = 0;
  private mark = '';
  private isHeading = false;
  private cells: TextRun[] | null = null;

  constructor(limit: number) {
    this.limit = limit;
  }

  take(token: Token): void {
    switch (token.type) {
      case 'heading_open':
      case 'heading_close':
        this.isHeading = token.type === 'heading_open';
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
        this.mark = '';
        return;
      case 'list_item_open':
        this.mark = this.nextMark();
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
        this.add(this.cells ?? []);
        this.cells = null;
        return;
      case 'hr':
        this.add([run('———')]);
        return;
      case 'code_block':
      case 'fence':
        for (const row of token.content.replace(/\n+$/, '').split('\n'))
          if (row.trim() !== '') this.add([run(literal(row, this.limit), { fontType: 'monospace' })]);
        return;
      case 'inline':
        this.inline(token.children ?? []);
        return;
    }
  }

  private nextMark(): string {
    const depth = '\u2003'.repeat(Math.max(0, this.lists.length - 1));
    const number = this.lists.at(-1) ?? null;
    if (number === null) return `${depth}• `;
    this.lists[this.lists.length - 1] = number + 1;
    return `${depth}${number}. `;
  }

  private inline(tokens: readonly Token[]): void {
    if (this.cells !== null) {
      this.cells.push(...(this.cells.length === 0 ? [] : [run(' ¦ ')]), ...this.row(tokens));
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

  private add(runs: Row): void {
    if (runs.length === 0 && this.mark === '') return;
    const before = `${'│ '.repeat(Math.min(5, this.quotes))}${this.mark}`;
    const shown = this.isHeading ? runs.map((each) => ({ ...each, weight: 'bolder' as const })) : runs;
    this.all.push(before === '' ? shown : [run(before), ...shown]);
    // An em space for the mark, so that the next row of the same item stands below the first.
    this.mark = this.lists.length === 0 || this.mark === '' ? '' : '\u2003';
  }

  /** One line of text. Styles nest as the marks do. */
  private row(tokens: readonly Token[]): Row {
    const runs: TextRun[] = [];
    const styles: Style[] = [];
    const style = (): Style => Object.assign({}, ...styles);
    for (let i = 0; i < tokens.length; i += 1) {
      const token = tokens[i];
      if (token === undefined) break;
      const opens = OPENS[token.type];
      if (opens !== undefined) styles.push(opens);
      else if (CLOSES.has(token.type)) styles.pop();
      else if (token.type === 'link_open') {
        const end = tokens.findIndex(({ type }, at) => at > i && type === 'link_close');
        const words = tokens
          .slice(i + 1, end)
          .map(({ content }) => content)
          .join('');
        runs.push(...outsideLink(String(token.attrGet('href') ?? ''), words, DRAWN.artifactName, style()));
        i = end;
      } else if (token.nesting === 0 && token.content !== '')
        runs.push(
          run(
            literal(token.content, this.limit),
            token.type === 'code_inline' ? { ...style(), fontType: 'monospace' } : style(),
          ),
        );
    }
    return runs;
  }
}
