/** src/cli/audit.ts: `audit verify` and `audit export`: the log, doubted and read, on the database itself. */
import { createWriteStream, readFileSync, renameSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fold } from '../engine/evolve.ts';
import type { Checkpoint, Store, StoredEvent } from '../store/port.ts';
import { CommandError, EXIT } from './failure.ts';
import { withStore } from './offline.ts';
import type { Terminal } from './terminal.ts';
import { jsonText, plain } from './text.ts';

export interface VerifyFlags {
  readonly since?: string;
  readonly json?: true;
}

/** 0: the log is whole. 1: it is not, and each fault has been printed. */
export function verifyAudit(terminal: Terminal, { since, json }: VerifyFlags): Promise<number> {
  const kept = since === undefined ? null : checkpointFrom(since);
  return withStore(terminal, 'read', async (store) => {
    const { events, checkpoints, head, faults } = await store.verify({ fold, ...(kept !== null && { since: kept }) });
    const checkpoint = (await store.checkpoints()).at(-1) ?? null;
    if (json) {
      terminal.out(jsonText({ events, checkpoints, head, faults, checkpoint }));
      return faults.length === 0 ? EXIT.done : EXIT.no;
    }
    for (const { where, fault } of faults)
      terminal.out(`${terminal.paint('red', '✗')} ${plain(where)}: ${plain(fault)}`);
    if (faults.length > 0) {
      terminal.say(`${faults.length} fault${faults.length === 1 ? '' : 's'} in ${events} events.`);
      return EXIT.no;
    }
    terminal.out(`${terminal.paint('green', '✓')} ${events} events, ${checkpoints} checkpoints, head ${head}`);
    if (kept === null)
      terminal.say(
        terminal.paint(
          'dim',
          'A cut tail or an older copy shows only against a checkpoint kept elsewhere: keep the one of --json, and give it to --since.',
        ),
      );
    return EXIT.done;
  });
}

export interface ExportFlags {
  readonly format: string;
  readonly out?: string;
}

const PAGE = 1_000;

/** The whole log in its order, page by page: memory holds one page, whatever the length. */
export function exportAudit(terminal: Terminal, { format, out }: ExportFlags): Promise<number> {
  const write = writerFor(format);
  return withStore(terminal, 'read', async (store) => {
    if (out === undefined) {
      await pipeline(Readable.from(write(store)), terminal.output, { end: false, signal: terminal.interrupted });
      return EXIT.done;
    }
    // A reader never finds half an export under the name it looks for.
    const partial = `${out}.partial`;
    try {
      await pipeline(Readable.from(write(store)), createWriteStream(partial, { mode: 0o600 }), {
        signal: terminal.interrupted,
      });
      renameSync(partial, out);
    } catch (error) {
      rmSync(partial, { force: true });
      if (error instanceof Error && 'syscall' in error)
        throw new CommandError(`${out} can't be written: ${error.message}`);
      throw error;
    }
    terminal.say(`Written to ${plain(out)}.`);
    return EXIT.done;
  });
}

function writerFor(format: string): (store: Store) => AsyncGenerator<string> {
  switch (format) {
    case 'jsonl':
      return async function* (store) {
        for await (const event of logOf(store)) yield `${jsonOf(event)}\n`;
      };
    case 'json':
      return async function* (store) {
        let separator = '[\n';
        for await (const event of logOf(store)) {
          yield `${separator}${jsonOf(event)}`;
          separator = ',\n';
        }
        yield separator === '[\n' ? '[]\n' : '\n]\n';
      };
    case 'csv':
      return async function* (store) {
        yield 'position,request,version,type,at,hash,data\r\n';
        for await (const { position, request, version, type, at, hash, data } of logOf(store))
          yield `${position},${request},${version},${type},${new Date(at).toISOString()},${hash},"${data.replaceAll('"', '""')}"\r\n`;
      };
    default:
      throw new CommandError(`No such format: ${format}`, 'jsonl, json or csv.');
  }
}

async function* logOf(store: Store): AsyncGenerator<StoredEvent> {
  let position = 0;
  for (;;) {
    const page = await store.log(position, PAGE);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    position = last.position;
  }
}

/** `data` stays the very text that the hash covers. */
const jsonOf = ({ position, request, version, type, at, hash, data }: StoredEvent): string =>
  `${JSON.stringify({ position, request, version, type, at: new Date(at).toISOString(), hash }).slice(0, -1)},"data":${data}}`;

/** What `audit verify --json` printed, a checkpoint by itself, or the newest of those that stand there line by line. */
function checkpointFrom(path: string): Checkpoint {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandError(
      `The checkpoint ${path} can't be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  // The last line may have been cut short by a crash while it was written.
  for (const part of [text, ...text.split('\n').reverse()]) {
    const checkpoint = checkpointIn(part);
    if (checkpoint !== null) return checkpoint;
  }
  throw new CommandError(
    `${path} holds no checkpoint.`,
    'Keep what "countersign audit verify --json" prints, or the file of CHECKPOINT_FILE.',
  );
}

function checkpointIn(text: string): Checkpoint | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const inner = typeof value === 'object' && value !== null && 'checkpoint' in value ? value.checkpoint : value;
  return isCheckpoint(inner) ? inner : null;
}

const isCheckpoint = (value: unknown): value is Checkpoint =>
  typeof value === 'object' &&
  value !== null &&
  'size' in value &&
  typeof value.size === 'number' &&
  'head' in value &&
  typeof value.head === 'string' &&
  'at' in value &&
  typeof value.at === 'number' &&
  'signature' in value &&
  typeof value.signature === 'string';
