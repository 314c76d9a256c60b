/** test/docs/documents.ts: the project's documents, as text, code blocks and tables. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const fileText = (path: string): string => readFileSync(root + path, 'utf8');

/** Paths of every document for users, from the root of the project. */
export const documents: readonly string[] = [
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'examples/README.md',
  ...readdirSync(`${root}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export interface CodeBlock {
  /** `yaml`, `sh`, … */
  readonly language: string;
  /** What stands behind the language: `gate`, `section`, `other` or nothing. */
  readonly kind: string;
  readonly text: string;
  /** Of its first line, from 1. */
  readonly line: number;
}

export function codeBlocks(path: string): readonly CodeBlock[] {
  const text = fileText(path);
  return [...text.matchAll(/^```(\w*) ?(.*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    language: match[1] ?? '',
    kind: (match[2] ?? '').trim(),
    text: match[3] ?? '',
    line: text.slice(0, match.index).split('\n').length + 1,
  }));
}

/** Without its code blocks: `#` is a heading, and a link is a link. */
export const prose = (path: string): string => fileText(path).replace(/^```[\s\S]*?^```$/gm, '');

/** The cells of every row of every table; headings and rulers among them. */
export const tableRows = (path: string): readonly (readonly string[])[] =>
  prose(path)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

/** As GitHub makes them out of headings. */
export const anchors = (path: string): readonly string[] =>
  [...prose(path).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    (heading ?? '')
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
