/**
 * src/adapters/web/markdown.tsx: Markdown as preact elements. The parser's tokens are mapped through the list below, so
 * no HTML string is ever made, and what the list does not name comes out as plain text. No raw HTML, no images.
 */
import MarkdownIt, { type Token } from 'markdown-it';
import { type ComponentChildren, Fragment, h, type VNode } from 'preact';
import { safeLink, visible } from '../text.ts';

const parser = new MarkdownIt('default', { html: false, linkify: false, typographer: false, maxNesting: 20 }).disable([
  'image',
]);

/** Elements that tokens of these types open; headings and links are built below. */
const ELEMENTS: ReadonlyMap<string, string> = new Map([
  ['paragraph_open', 'p'],
  ['bullet_list_open', 'ul'],
  ['ordered_list_open', 'ol'],
  ['list_item_open', 'li'],
  ['blockquote_open', 'blockquote'],
  ['strong_open', 'strong'],
  ['em_open', 'em'],
  ['s_open', 's'],
  ['table_open', 'table'],
  ['thead_open', 'thead'],
  ['tbody_open', 'tbody'],
  ['tr_open', 'tr'],
  ['th_open', 'th'],
  ['td_open', 'td'],
]);

type Headings = ReadonlyMap<string, string>;

/** Headings of a description stand below the page's own, and leave no level out: the largest it uses is an h3. */
function headingsOf(tokens: readonly Token[]): Headings {
  const used = new Set(tokens.filter(({ type }) => type === 'heading_open').map(({ tag }) => tag));
  return new Map([...used].sort().map((tag, index) => [tag, `h${Math.min(index + 3, 6)}`]));
}

interface Open {
  readonly token: Token | null;
  readonly children: ComponentChildren[];
}

export function Markdown({ text }: { readonly text: string }): VNode {
  const tokens = parser.parse(visible(text), {});
  return (
    <div class="prose" dir="auto">
      {elementsOf(tokens, headingsOf(tokens))}
    </div>
  );
}

function elementsOf(tokens: readonly Token[], headings: Headings): ComponentChildren[] {
  const root: Open = { token: null, children: [] };
  const stack: Open[] = [root];
  for (const token of tokens) {
    const top = stack.at(-1) ?? root;
    if (token.nesting === 1) stack.push({ token, children: [] });
    else if (token.nesting === 0) top.children.push(leaf(token, headings));
    else if (stack.length > 1) {
      stack.pop();
      (stack.at(-1) ?? root).children.push(element(top, headings));
    }
  }
  return root.children;
}

function element({ token, children }: Open, headings: Headings): ComponentChildren {
  if (token === null || token.hidden) return <Fragment>{children}</Fragment>;
  if (token.type === 'heading_open') return h(headings.get(token.tag) ?? 'h6', null, children);
  if (token.type === 'link_open')
    return <MarkdownLink to={String(token.attrGet('href') ?? '')}>{children}</MarkdownLink>;
  if (token.type === 'ordered_list_open') return <ol start={Number(token.attrGet('start') ?? 1)}>{children}</ol>;
  const name = ELEMENTS.get(token.type);
  return name === undefined ? <Fragment>{children}</Fragment> : h(name, null, children);
}

function leaf(token: Token, headings: Headings): ComponentChildren {
  switch (token.type) {
    case 'inline':
      return <Fragment>{elementsOf(token.children ?? [], headings)}</Fragment>;
    case 'softbreak':
      return '\n';
    case 'hardbreak':
      return <br />;
    case 'hr':
      return <hr />;
    case 'code_inline':
      return <code>{token.content}</code>;
    case 'code_block':
    case 'fence':
      return (
        <pre>
          <code>{token.content}</code>
        </pre>
      );
    default:
      return token.content;
  }
}

/** A link says where it goes, since its text may say something else. */
function MarkdownLink({ to, children }: { readonly to: string; readonly children: ComponentChildren }): VNode {
  const link = safeLink(to);
  if (link === null) return <>{children}</>;
  return (
    <>
      <a href={link.href} rel="noopener noreferrer nofollow">
        {children}
      </a>{' '}
      <span class="goes-to">({link.goesTo})</span>
    </>
  );
}
