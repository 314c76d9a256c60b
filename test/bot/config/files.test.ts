/** People and groups in files beside the config: what is read, and what is refused without a change. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../../../src/bot/config/index.ts';

const made: string[] = [];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-files-'));
  made.push(folder);
});
afterAll(() => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

const write = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);
const load = (text: string) =>
  parseConfig(text, join(folder, 'countersign.yaml'), {}, Date.parse('2026-01-05T12:00:00Z'));
const wrong = (text: string): readonly string[] => {
  try {
    load(text);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n').map((line) => line.replace(`${folder}/`, ''));
  }
};
const CONFIG = 'directory: { file: people.csv }\n';

describe('people in a CSV file', () => {
  it('are people like those of the config, with their groups and managers by id or address', () => {
    write(
      'people.csv',
      '\ufeffid,name,email,slack,teams,manager,timezone,groups\r\n' +
        'ana,"Silva, Ana",ana@acme.dev,U0ANA,,mia@acme.dev,Europe/Lisbon,release; oncall\r\n' +
        'mia,Mia,mia@acme.dev,,,ben,,oncall\r\n\r\n',
    );
    const { directory, files } = load(`${CONFIG}people: { ben: {} }\ngroups: { all: [oncall, ben] }\n`);
    expect(directory.people.get('ana')).toEqual({
      id: 'ana',
      name: 'Silva, Ana',
      email: 'ana@acme.dev',
      slack: 'U0ANA',
      teams: null,
      manager: 'mia',
      timezone: 'Europe/Lisbon',
      away: [],
    });
    expect(directory.people.get('mia')?.manager).toBe('ben');
    expect(Object.fromEntries(directory.groups)).toEqual({
      release: ['ana'],
      oncall: ['ana', 'mia'],
      all: ['oncall', 'ben'],
    });
    expect(files).toEqual([join(folder, 'people.csv')]);
  });

  it.each([
    ['is empty', '', ['people.csv:1:1 is empty']],
    ['has only its first line', 'id,name\n', ['people.csv:1:1 has nobody in it']],
    ['has no id', 'name\nana\n', ['people.csv:1:1 needs the column "id"']],
    [
      'has a column that is a slip',
      'id,manger\nana,\n',
      [
        'people.csv:1:1 the column "manger" is not known, did you mean "manager"?; there are id, name, email, slack, teams, manager, timezone, groups',
      ],
    ],
    ['has a column twice', 'id,name,ID\nana,a,b\n', ['people.csv:1:1 the column "id" stands there twice']],
    [
      'ends in the middle of a line',
      'id,name,email\nana,Ana,ana@acme.dev\nben,Be',
      ['people.csv:3:1 has another number of cells than the first line has columns'],
    ],
    ['ends inside a quote', 'id,name\nana,"An', ['people.csv:2:1 a quote is opened and never closed']],
    ['names somebody twice', 'id\nana\nben\nana\n', ['people.csv:4:1 "ana" stands in line 2 already']],
    [
      'names somebody who can’t be named',
      'id\nana\n../etc\n',
      [expect.stringMatching(/^people.csv:3:1 the id must be a name/)],
    ],
    ['has a bad group', 'id,groups\nana,a b\n', [expect.stringMatching(/^people.csv:2:1 the group must be a name/)]],
    [
      'has an address that is none',
      'id,email\nana,ana@\n',
      ['people.csv:2:1 people.ana.email: must be one ASCII email address'],
    ],
    [
      'has a manager who is not there',
      'id,manager\nana,bem\nben,\n',
      ['people.csv:2:1 people.ana.manager: "bem" is not a person, did you mean "ben"?'],
    ],
    [
      'has managers who go round',
      'id,manager\nana,ben\nben,ana\n',
      ['people.csv:2:1 people.ana.manager: managers go round in a circle: ana → ben → ana'],
    ],
    [
      'holds NULs, as a file that is being written may',
      `id\nana\n${'\0'.repeat(100)}`,
      ['people.csv:1:1 holds a NUL character: it is not a text file, or not written to its end'],
    ],
  ])('that %s is refused as a whole', (_what, csv, lines) => {
    write('people.csv', csv);
    expect(wrong(`${CONFIG}people: { cy: {} }`)).toEqual(lines);
  });

  it('must be there, UTF-8, at most 10 MiB, and CSV or LDIF by their name', () => {
    expect(wrong(CONFIG)).toEqual(['people.csv:1:1 cannot be read (ENOENT)']);
    write('people.csv', Buffer.from([0x69, 0x64, 0x0a, 0xff, 0xfe]));
    expect(wrong(CONFIG)).toEqual(['people.csv:1:1 is not UTF-8 text']);
    write('people.csv', `id\n${'x'.repeat(10 * 1024 * 1024)}\n`);
    expect(wrong(CONFIG)).toEqual(['people.csv:1:1 is longer than 10 MiB']);
    write('people.xlsx', 'PK');
    expect(wrong('directory: { file: people.xlsx }')).toEqual(['people.xlsx:1:1 must end in .csv or .ldif']);
  });

  it('may be 50,000, and not one more', () => {
    const rows = (count: number) =>
      Array.from({ length: count }, (_, i) => `p${i},p${i}@acme.dev,p${Math.floor((i - 1) / 9)}`);
    write('people.csv', `id,email,manager\np0,p0@acme.dev,\n${rows(50_000).slice(1).join('\n')}\n`);
    expect(load(CONFIG).directory.people.size).toBe(50_000);
    write('people.csv', `id,email,manager\np0,p0@acme.dev,\n${rows(50_001).slice(1).join('\n')}\n`);
    expect(wrong(CONFIG)).toEqual(['people.csv:1:1 has more than 50,000 rows']);
  });

  it('and in the config as well are refused', () => {
    write('people.csv', 'id,groups\nana,ops\nben,\n');
    expect(wrong(`${CONFIG}people: { ana: {} }\ngroups: { ops: [ben] }`)).toEqual([
      'countersign.yaml:2:11 people.ana: is in people.csv as well; keep one of them',
      'countersign.yaml:3:11 groups.ops: is in people.csv as well; keep one of them',
    ]);
  });

  it('with many faults are told of twenty', () => {
    write('people.csv', `id,email\n${Array.from({ length: 100 }, (_, i) => `p${i},no`).join('\n')}\n`);
    const lines = wrong(CONFIG);
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toContain('there is more that is wrong');
  });
});

describe('people in an LDIF file', () => {
  const LDIF = `version: 1
# made by slapcat
dn: ou=people,dc=acme,dc=dev
objectClass: organizationalUnit
ou: people

dn: uid=ana,ou=people,dc=acme,dc=dev
objectClass: inetOrgPerson
uid: ana
cn: Ana
displayName:: QW5hIFPDrWx2YQ==
mail: ana@ac
 me.dev
manager: UID=mia, ou=people,dc=acme,dc=dev
jpegPhoto:: /9j/4AAQ

dn: uid=mia,ou=people,dc=acme,dc=dev
objectClass: inetOrgPerson
uid: mia
cn: Mia Chen
manager: uid=gone,ou=people,dc=acme,dc=dev

dn: cn=release,ou=groups,dc=acme,dc=dev
objectClass: groupOfNames
cn: release
member: uid=ana,ou=people,dc=acme,dc=dev
member: cn=leads,ou=groups,dc=acme,dc=dev
member: uid=gone,ou=people,dc=acme,dc=dev

dn: cn=leads,ou=groups,dc=acme,dc=dev
objectClass: groupOfUniqueNames
cn: leads
uniqueMember: uid=mia,ou=people,dc=acme,dc=dev
`;
  const FILE = 'directory: { file: people.ldif }\n';

  it('are read with continued lines, base64 and names that are written differently', () => {
    write('people.ldif', LDIF);
    const { directory, warnings } = load(FILE);
    expect(directory.people.get('ana')).toMatchObject({ name: 'Ana Sílva', email: 'ana@acme.dev', manager: 'mia' });
    expect(directory.people.get('mia')).toMatchObject({ name: 'Mia Chen', manager: null });
    expect(Object.fromEntries(directory.groups)).toEqual({ release: ['ana', 'leads'], leads: ['mia'] });
    expect(warnings).toContain('people.ldif: 2 managers and members are not in the file, and are left out');
  });

  it.each([
    ['is no LDIF', 'uid,name\nana,Ana\n', 'people.ldif:1:1 must look like "attribute: value"'],
    [
      'holds changes',
      'dn: uid=a\nchangetype: add\nuid: a\n',
      'people.ldif:2:1 holds a change; an export of entries is needed',
    ],
    [
      'points to other files',
      'dn: uid=a\nuid: a\njpegPhoto:< file:///etc/passwd\n',
      'people.ldif:3:1 points to another file, which is not read',
    ],
    ['has base64 that is none', 'dn: uid=a\nuid:: %%%\n', 'people.ldif:2:1 is not valid base64'],
    ['begins an entry without its name', 'uid: a\n', 'people.ldif:1:1 an entry must begin with "dn:"'],
    [
      'runs entries together',
      'dn: uid=a\nuid: a\ndn: uid=b\nuid: b\n',
      'people.ldif:3:1 an entry begins without an empty line before it',
    ],
    ['begins with a line that goes on', ' uid: a\n', 'people.ldif:1:1 begins with a line that goes on'],
    ['has nobody in it', 'dn: ou=people\nou: people\n', 'people.ldif:1:1 has nobody in it'],
  ])('that %s is refused', (_what, ldif, line) => {
    write('people.ldif', ldif);
    expect(wrong(FILE)).toEqual([line]);
  });
});

describe('a group in a file', () => {
  const group = (file: string) =>
    `people: { ana: { email: ana@acme.dev }, ben: {} }\ngroups: { g: { file: ${file} } }\n`;

  it('has its members in a column, by name or address; strangers are left out and counted', () => {
    write('g.csv', 'shift,who\nday,ANA@acme.dev\nnight,ben\nnight,zed\n');
    const { directory, files, warnings } = load(group('{ path: g.csv, column: who }'));
    expect(directory.groups.get('g')).toEqual(['ana', 'ben']);
    expect(files).toEqual([join(folder, 'g.csv')]);
    expect(warnings).toContain('groups.g: 1 of 3 in g.csv are nobody under people, and are left out');
  });

  it.each([
    ['who\nzed\n', '{ path: g.csv }', 'g.csv names nobody who is under people'],
    ['who\nana\n', '{ path: g.csv, column: whom }', 'g.csv has no column "whom"; it has who'],
    ['who\n"ana\n', '{ path: g.csv }', 'g.csv line 2: a quote is opened and never closed'],
    ['who\nana\n', '{ path: g.txt }', 'g.txt must end in .csv'],
    ['who\nana\n', '{ path: h.csv }', 'h.csv cannot be read (ENOENT)'],
    [`who\n${'ana\n'.repeat(5_001)}`, '{ path: g.csv }', 'g.csv has more than 5,000 rows'],
  ])('of %j as %s is refused', (csv, file, words) => {
    write('g.csv', csv);
    expect(wrong(group(file))).toEqual([`countersign.yaml:2:16 groups.g.file: ${words}`]);
  });
});
