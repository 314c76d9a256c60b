/** src/bot/config/text-file.ts: files beside the config from which people and groups are read. */
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Csv from 'csv-parse/sync';

/** Longest file, in bytes. */
const MAX_FILE = 10 * 1024 * 1024;

/** What is wrong with a file, in words, and in which line. The words hold nothing of what stands in it. */
export class FileProblem extends Error {
  /** From 1; null: with the file as a whole. */
  readonly line: number | null;
  constructor(message: string, line: number | null = null) {
    super(message);
    this.line = line;
  }
}

/** The text of a file, strictly UTF-8, without a byte order mark. @throws FileProblem */
export function readText(path: string): string {
  let bytes: Buffer;
  try {
    const { size } = statSync(path);
    if (size > MAX_FILE) throw new FileProblem(`is longer than ${MAX_FILE / 1024 / 1024} MiB`);
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof FileProblem) throw error;
    throw new FileProblem(`cannot be read${error instanceof Error && 'code' in error ? ` (${error.code})` : ''}`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FileProblem('is not UTF-8 text');
  }
  if (text.includes('\0'))
    throw new FileProblem('holds a NUL character: it is not a text file, or not written to its end');
  if (text.trim() === '') throw new FileProblem('is empty');
  return text;
}

export interface Row {
  /** From 1: where the row ends. */
  readonly line: number;
  /** By the column's name in lower case; trimmed. */
  readonly cells: Readonly<Record<string, string>>;
}

/** What csv-parse calls its errors, in our words. */
const WORDS: Readonly<Record<string, string>> = {
  CSV_RECORD_INCONSISTENT_COLUMNS: 'has another number of cells than the first line has columns',
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'has another number of cells than the first line has columns',
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
  INVALID_OPENING_QUOTE: 'a quote stands inside a cell',
  CSV_INVALID_CLOSING_QUOTE: 'something stands behind a closing quote',
  CSV_MAX_RECORD_SIZE: 'a line is too long',
};

/**
 * The rows of a CSV file (RFC 4180, with a comma) under its first line.
 * @throws FileProblem
 */
export function readCsv(
  path: string,
  mostRows: number,
): { readonly columns: readonly string[]; readonly rows: readonly Row[] } {
  const text = readText(path);
  // Only configs that read a CSV file load what reads it (3 MiB).
  const { parse }: typeof Csv = createRequire(import.meta.url)('csv-parse/sync');
  const records: { readonly record: readonly string[]; readonly line: number }[] = [];
  try {
    parse(text, {
      trim: true,
      skip_empty_lines: true,
      max_record_size: 100_000,
      on_record: (record: string[], { lines }) => {
        if (records.length > mostRows) throw new FileProblem(`has more than ${mostRows.toLocaleString('en')} rows`);
        records.push({ record, line: lines });
        return null;
      },
    });
  } catch (error) {
    if (error instanceof FileProblem) throw error;
    const { code, lines } = factsOf(error);
    throw new FileProblem(WORDS[code] ?? 'is not well-formed CSV', lines);
  }
  const [header, ...rest] = records;
  const columns = (header?.record ?? []).map((name) => name.toLowerCase());
  for (const [i, name] of columns.entries()) {
    if (name === '') throw new FileProblem('a column has no name', header?.line ?? 1);
    if (columns.indexOf(name) !== i)
      throw new FileProblem(`the column "${name}" stands there twice`, header?.line ?? 1);
  }
  const rows = rest.map(({ record, line }) => ({
    line,
    cells: Object.fromEntries(columns.map((name, i) => [name, record[i] ?? ''])),
  }));
  return { columns, rows };
}

function factsOf(error: unknown): { readonly code: string; readonly lines: number | null } {
  if (typeof error !== 'object' || error === null) return { code: '', lines: null };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { code, lines: 'lines' in error && typeof error.lines === 'number' ? error.lines : null };
}
