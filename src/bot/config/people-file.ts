/**
 * src/bot/config/people-file.ts: people and groups that stand in a file beside the config, as an HR system or an LDAP
 * server exports them: CSV with the columns below, or LDIF with inetOrgPerson and groupOfNames.
 */
import { type Entry, readLdif, sameDn } from './ldif.ts';
import { suggestion } from './nearest.ts';
import { name as nameShape, type PersonShape, person as personShape } from './shape.ts';
import { FileProblem, readCsv, readText } from './text-file.ts';

/** Most people of one file, and groups. */
const MAX_PEOPLE = 50_000;
const MAX_GROUPS = 5_000;
const COLUMNS = ['id', 'name', 'email', 'slack', 'teams', 'manager', 'timezone', 'groups'];

export interface Found {
  readonly people: Readonly<Record<string, PersonShape>>;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** Where somebody stands, from 1. */
  readonly lines: ReadonlyMap<string, number>;
}

export interface FileReport {
  readonly report: (line: number, message: string) => void;
  readonly warn: (message: string) => void;
}

/** @throws FileProblem where the file can't be made sense of as a whole; what is wrong with one line is reported */
export function readPeopleFile(path: string, facts: FileReport): Found {
  if (/\.ldif$/i.test(path)) return fromLdif(readLdif(readText(path)), facts);
  if (/\.csv$/i.test(path)) return fromCsv(path, facts);
  throw new FileProblem('must end in .csv or .ldif');
}

/** What is gathered from either kind of file. */
class Gathering {
  readonly people = new Map<string, PersonShape>();
  readonly groups = new Map<string, string[]>();
  readonly lines = new Map<string, number>();
  readonly #facts: FileReport;

  constructor(facts: FileReport) {
    this.#facts = facts;
  }

  add(id: string, shape: PersonShape, line: number): void {
    const before = this.lines.get(id);
    const [badName, badShape] = [nameShape.safeParse(id).error, personShape.safeParse(shape).error];
    if (before !== undefined) this.#facts.report(line, `"${id}" stands in line ${before} already`);
    else if (badName !== undefined) this.#facts.report(line, `the id ${badName.issues[0]?.message}`);
    else if (badShape !== undefined)
      this.#facts.report(line, `${badShape.issues[0]?.path.join('.')}: ${badShape.issues[0]?.message}`);
    else if (this.people.size === MAX_PEOPLE)
      throw new FileProblem(`has more than ${MAX_PEOPLE.toLocaleString('en')} people`, line);
    else {
      this.people.set(id, shape);
      this.lines.set(id, line);
    }
  }

  join(group: string, member: string, line: number): void {
    const members = this.groups.get(group);
    if (members !== undefined) {
      if (!members.includes(member)) members.push(member);
      return;
    }
    const bad = nameShape.safeParse(group).error;
    if (bad !== undefined) this.#facts.report(line, `the group ${bad.issues[0]?.message}`);
    else if (this.groups.size === MAX_GROUPS)
      throw new FileProblem(`has more than ${MAX_GROUPS.toLocaleString('en')} groups`, line);
    else this.groups.set(group, [member]);
  }

  found(): Found {
    if (this.people.size === 0) throw new FileProblem('has nobody in it');
    return { people: Object.fromEntries(this.people), groups: Object.fromEntries(this.groups), lines: this.lines };
  }
}

function fromCsv(path: string, facts: FileReport): Found {
  const { columns, rows } = readCsv(path, MAX_PEOPLE);
  for (const column of columns)
    if (!COLUMNS.includes(column))
      throw new FileProblem(
        `the column "${column}" is not known${suggestion(column, COLUMNS)}; there are ${COLUMNS.join(', ')}`,
        1,
      );
  if (!columns.includes('id')) throw new FileProblem('needs the column "id"', 1);
  const gathering = new Gathering(facts);
  const byEmail = new Map(rows.map(({ cells }) => [cells.email?.toLowerCase() ?? '', cells.id ?? '']));
  for (const { line, cells } of rows) {
    const { id = '', manager = '', groups = '', ...rest } = cells;
    const boss = manager.includes('@') ? (byEmail.get(manager.toLowerCase()) ?? manager) : manager;
    const shape = Object.fromEntries(Object.entries({ ...rest, manager: boss }).filter(([, cell]) => cell !== ''));
    gathering.add(id, shape, line);
    for (const group of groups.split(';').map((name) => name.trim())) if (group !== '') gathering.join(group, id, line);
  }
  return gathering.found();
}

const isGroup = ({ values }: Entry): boolean =>
  (values.get('objectclass') ?? []).some((kind) => /^groupOf(Unique)?Names$/i.test(kind)) ||
  values.has('member') ||
  values.has('uniquemember');

function fromLdif(entries: readonly Entry[], facts: FileReport): Found {
  const gathering = new Gathering(facts);
  const first = ({ values }: Entry, attribute: string): string | null => values.get(attribute)?.[0] ?? null;
  /** Organisational units and machines have neither, and are none of ours. */
  const named = entries.flatMap((entry) => {
    const id = first(entry, isGroup(entry) ? 'cn' : 'uid');
    return id === null ? [] : [{ entry, id }];
  });
  const ids = new Map(named.map(({ entry, id }) => [entry.dn, id]));
  let lost = 0;
  for (const { entry, id } of named) {
    if (isGroup(entry)) continue;
    const manager = first(entry, 'manager');
    const boss = manager === null ? undefined : ids.get(sameDn(manager));
    if (manager !== null && boss === undefined) lost++;
    const [fullName, mail] = [first(entry, 'displayname') ?? first(entry, 'cn'), first(entry, 'mail')];
    const shape = {
      ...(fullName !== null && { name: fullName }),
      ...(mail !== null && { email: mail }),
      ...(boss !== undefined && { manager: boss }),
    };
    gathering.add(id, shape, entry.line);
  }
  for (const { entry, id } of named) {
    if (!isGroup(entry)) continue;
    for (const attribute of ['member', 'uniquemember'])
      for (const dn of entry.values.get(attribute) ?? []) {
        const member = ids.get(sameDn(dn));
        if (member === undefined) lost++;
        else gathering.join(id, member, entry.line);
      }
  }
  if (lost > 0) facts.warn(`${lost} managers and members are not in the file, and are left out`);
  return gathering.found();
}
