// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of countersign.yaml are what is tested here
/** test/docs/documents.test.ts: what the documents show is so: links lead somewhere, configs parse, names exist. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../src/bot/config/index.ts';
import { anchors, codeBlocks, documents, fileText, prose, root, tableRows } from './documents.ts';

describe('links', () => {
  it.each(documents)('lead to a file and a heading that are there: %s', (path) => {
    const missing = [...prose(path).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].flatMap((match) => {
      const link = match[1] ?? match[2] ?? '';
      if (/^(https?|mailto):/.test(link)) return [];
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : normalize(join(dirname(path), file));
      if (!existsSync(root + target)) return [link];
      return anchor === undefined || anchors(target).includes(anchor) ? [] : [link];
    });
    expect(missing).toEqual([]);
  });

  it('lead from the README to every document', () => {
    for (const path of documents.filter((name) => name !== 'README.md'))
      expect(fileText('README.md')).toContain(`](${path}`);
  });
});

/** What fragments stand in: a config in which the names they use mean something. */
const SECTIONS: Readonly<Record<string, string>> = {
  people: 'people: { ana: {}, ben: { manager: mia }, mia: {} }',
  groups: 'groups: { release-managers: [ana, ben], oncall: [ben, mia] }',
  calendars: 'calendars: { office: { timezone: UTC, hours: "mon-fri 09:00-18:00" } }',
  gates: 'gates: { deploy-shop: { approvers: [ana] } }',
};
const around = (text: string): string =>
  Object.entries(SECTIONS)
    .filter(([name]) => !new RegExp(`^${name}:`, 'm').test(text))
    .map(([, section]) => section)
    .join('\n');

describe('YAML', () => {
  const blocks = documents.flatMap((path) =>
    codeBlocks(path)
      .filter(({ language }) => language === 'yaml')
      .map((block) => [`${path}:${block.line}`, block] as const),
  );

  it('is there to be looked at', () => expect(blocks.length).toBeGreaterThan(9));

  it.each(blocks)('is what a config may hold: %s', (_where, { kind, text }) => {
    switch (kind) {
      case '':
        return expect(parseConfig(text, 'doc', {}).gates.size).toBeGreaterThan(1);
      case 'section':
        return expect(parseConfig(`${around(text)}\n${text}`, 'doc', {}).gates.size).toBeGreaterThan(1);
      case 'gate': {
        const gate = `gates:\n  example:\n${text.replace(/^(?=.)/gm, '    ')}`;
        return expect(parseConfig(`${around(gate)}\n${gate}`, 'doc', {}).gates.has('example')).toBe(true);
      }
      case 'other': // another program's file
        return expect(typeof parse(text)).toBe('object');
      default:
        return expect.fail(`a YAML block is of no kind that is known: ${kind}`);
    }
  });
});

it('JSON is JSON', () => {
  for (const path of documents)
    for (const { language, text } of codeBlocks(path))
      if (language === 'json') expect(() => JSON.parse(text), `${path}: ${text}`).not.toThrow();
});

it('files that are shown are shown as they are', () => {
  for (const path of documents)
    for (const [, file, shown] of fileText(path).matchAll(/<!-- file: (\S+) -->\n```\w+\n([\s\S]*?)^```$/gm))
      expect(shown, path).toBe(fileText(file ?? ''));
});

it('no document names a path of the machine it was written on, or a registry', () => {
  for (const path of documents) expect(fileText(path)).not.toMatch(/\/(work|tmp|home|root)\/|registry\.npmjs/);
});

describe('docs/security.md', () => {
  const rows = tableRows('docs/security.md').filter(([, , test]) => test?.startsWith('`test/'));
  const testsIn = (folder: string): string =>
    readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => fileText(`${folder}/${name}`))
      .join('\n');

  it('says enough', () => expect(rows.length).toBeGreaterThan(40));

  it.each(rows.map(([promise = '', where = '', test = '']) => [promise, where, test] as const))(
    'names a place and a test that are there: %s',
    (_promise, where, test) => {
      const [, folder = '', name = ''] = /^`(test\/[^`]*)` (.*)$/.exec(test) ?? [];
      if (where !== '') expect(existsSync(root + where.replaceAll('`', '')), where).toBe(true);
      const source = testsIn(folder);
      expect(
        [`'${name}'`, `"${name}"`, `\`${name}\``].some((quoted) => source.includes(quoted)),
        name,
      ).toBe(true);
    },
  );
});
