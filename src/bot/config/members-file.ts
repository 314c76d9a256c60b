/** src/bot/config/members-file.ts: a group whose members stand in a column of a CSV file. */
import { resolve } from 'node:path';
import type { PersonId } from '../../engine/definition.ts';
import type { Person } from '../../engine/directory.ts';
import { identify } from './identify.ts';
import type { Report } from './problem.ts';
import type { GroupShape } from './shape.ts';
import { FileProblem, readCsv } from './text-file.ts';

type FileShape = NonNullable<Exclude<GroupShape, readonly string[]>['file']>;

/** Members of one group, as of an HTTP directory. */
const MAX_MEMBERS = 5_000;

interface Facts {
  readonly people: ReadonlyMap<PersonId, Person>;
  readonly folder?: string;
  readonly report: Report;
  readonly warn: (message: string) => void;
}

/** `path`: the file that was looked at, to be watched; null where no files are read. */
export function membersInFile(
  id: string,
  { path, column }: FileShape,
  { people, folder, report, warn }: Facts,
): { readonly path: string | null; readonly members: readonly PersonId[] } {
  const at = ['groups', id, 'file'];
  if (folder === undefined) {
    report(at, 'can’t be read here: nothing says in which folder it lies');
    return { path: null, members: [] };
  }
  const file = resolve(folder, path);
  try {
    if (!/\.csv$/i.test(path)) throw new FileProblem('must end in .csv');
    const { columns, rows } = readCsv(file, MAX_MEMBERS);
    const wanted = column?.toLowerCase() ?? columns[0] ?? '';
    if (!columns.includes(wanted)) throw new FileProblem(`has no column "${wanted}"; it has ${columns.join(', ')}`);
    const texts = rows.map(({ cells }) => cells[wanted] ?? '').filter((text) => text !== '');
    const members = new Set<PersonId>();
    let unknown = 0;
    for (const text of texts) {
      const person = identify(text, { people });
      if (person === null) unknown++;
      else members.add(person);
    }
    if (members.size === 0) throw new FileProblem('names nobody who is under people');
    if (unknown > 0)
      warn(`groups.${id}: ${unknown} of ${texts.length} in ${path} are nobody under people, and are left out`);
    return { path: file, members: [...members] };
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    report(at, `${path} ${error.line === null ? '' : `line ${error.line}: `}${error.message}`);
    return { path: file, members: [] };
  }
}
