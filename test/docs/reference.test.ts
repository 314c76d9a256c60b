/** test/docs/reference.test.ts: the reference is complete and right: routes, problems, commands, settings, bounds. */
import { readdirSync } from 'node:fs';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import * as callback from '../../src/adapters/callback/limits.ts';
import * as directory from '../../src/adapters/directory/limits.ts';
import * as guarded from '../../src/adapters/http/limits.ts';
import { LIMITS } from '../../src/adapters/web/ports.ts';
import { ConfigShape } from '../../src/bot/config/shape.ts';
import * as dispatch from '../../src/bot/dispatch/limits.ts';
import { refused } from '../../src/bot/http/problem.ts';
import * as http from '../../src/bot/limits.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { type Refusal, words } from '../../src/engine/refusal.ts';
import { startTestBot, type TestBot } from '../bot/bot.ts';
import { testTerminal } from '../cli/test-terminal.ts';
import { codeBlocks, fileText, root, tableRows } from './documents.ts';

describe('docs/http.md', () => {
  let bot: TestBot;
  beforeAll(async () => {
    bot = await startTestBot({ config: fileText('countersign.yaml') });
  });
  afterAll(() => bot.end());

  it('has every route', async () => {
    const { json } = await bot.call('GET', '/openapi.json');
    const calls = Object.entries<object>(json.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(calls.length).toBeGreaterThan(20);
    expect(calls.filter((call) => !fileText('docs/http.md').includes(`\`${call}\``))).toEqual([]);
  });

  it('shows every key of a request', async () => {
    const request = await bot.opened({ gate: 'deploy-prod', context: { service: 'shop', version: '1.4.2' } });
    const shown = codeBlocks('docs/http.md').find(({ language }) => language === 'json')?.text ?? '{}';
    expect(Object.keys(JSON.parse(shown)).toSorted()).toEqual(Object.keys(request).toSorted());
  });

  const codes = tableRows('docs/http.md').filter(
    ([code, status]) => /^`[a-z-]+`$/.test(code ?? '') && /^\d{3}/.test(status ?? ''),
  );

  it('has every refusal with its status and words', () => {
    const isRefusal = (name: string): name is Refusal => Object.hasOwn(words, name);
    const rows = Object.keys(words)
      .filter(isRefusal)
      .map((name) => {
        const { code, status, detail } = refused(name).problem;
        return [`\`${code}\``, String(status), detail];
      });
    expect(codes).toEqual(expect.arrayContaining(rows));
  });

  it('has every other problem, and none that is not there', () => {
    const files = readdirSync(`${root}src/bot/http`).map((name) => fileText(`src/bot/http/${name}`));
    const written = files.flatMap((text) => [...text.matchAll(/code: '([a-z-]+)'/g)].map(([, code]) => `\`${code}\``));
    const refusals = Object.keys(words).map((name) => `\`${name.replaceAll('_', '-')}\``);
    expect(new Set(codes.map(([code]) => code))).toEqual(new Set([...written, ...refusals]));
  });
});

describe('docs/cli.md', () => {
  const program = buildProgram(testTerminal({}), () => undefined);
  const leaves = (command: Command, path: string): readonly (readonly [string, Command])[] =>
    command.commands.length === 0
      ? [[path, command]]
      : command.commands.flatMap((child) => leaves(child, `${path} ${child.name()}`));
  const commands = program.commands.flatMap((command) => leaves(command, `countersign ${command.name()}`));
  const sections = fileText('docs/cli.md').split(/^(?=### )/m);
  /** Commands that are described together share the text below the last of their headings. */
  const sectionOf = (path: string): string => {
    const at = sections.findIndex((section) => section.startsWith(`### \`${path}\`\n`));
    const section = sections[at] ?? '';
    return section.trim().includes('\n') ? section : `${section}${sections[at + 1] ?? ''}`;
  };

  it.each(commands)('describes %s with all its options', (path, command) => {
    const text = sectionOf(path);
    expect(text).not.toBe('');
    const missing = command.options
      .map(({ long }) => long ?? '')
      .filter((option) => !new RegExp(`${option}(?![a-z-])`).test(text));
    expect(missing).toEqual([]);
  });

  it('describes no command that is not there', () => {
    const described = sections.flatMap((section) => /^### `(countersign [^`]+)`/.exec(section)?.[1] ?? []);
    expect(described.sort()).toEqual(commands.map(([path]) => path).sort());
  });
});

/** A part of a JSON Schema, as far as it is read here. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maximum?: number;
}
const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null;
const converted: unknown = z.toJSONSchema(ConfigShape, { io: 'input' });
const config: Schema = isSchema(converted) ? converted : {};
const branches = (schema: Schema): readonly Schema[] =>
  schema.anyOf === undefined ? [schema] : schema.anyOf.flatMap(branches);

describe('docs/configuration.md', () => {
  const text = fileText('docs/configuration.md');

  it('has every key', () => {
    const keys = new Set<string>();
    const collect = (schema: Schema): void => {
      for (const branch of branches(schema)) {
        for (const [key, inner] of Object.entries(branch.properties ?? {})) {
          keys.add(key);
          collect(inner);
        }
        if (isSchema(branch.additionalProperties)) collect(branch.additionalProperties);
        if (branch.items !== undefined) collect(branch.items);
      }
    };
    collect(config);
    expect(keys.size).toBeGreaterThan(60);
    const isThere = (key: string) => new RegExp(`\`[^\`]*\\b${key}\\b[^\`]*\`|^### ${key}$`, 'm').test(text);
    expect([...keys].filter((key) => !isThere(key))).toEqual([]);
  });

  it('has every variable of the environment', () => {
    const known = [...fileText('src/bot/environment.ts').matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name]) => name);
    expect(known.length).toBeGreaterThan(20);
    expect(known.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});

/** The number that a text like `256 KiB`, `20,000` or `12 h` stands for, in bytes, milliseconds or as it is. */
function amount(text: string): number {
  const [, digits = '', unit = ''] = /^([\d,]+) ?(KiB|ms|s|h|d)?$/.exec(text) ?? [];
  const factor = { '': 1, KiB: 1024, ms: 1, s: 1000, h: 3_600_000, d: 86_400_000 }[unit];
  return digits === '' || factor === undefined ? Number.NaN : Number(digits.replaceAll(',', '')) * factor;
}

/** `{ A: 1, B: { c: 2 } }` as `A` and `B.c`; what is no number is described in words. */
const flat = (values: object, prefix = ''): readonly (readonly [string, number])[] =>
  Object.entries(values).flatMap(([name, value]) => {
    if (typeof value === 'number') return [[prefix + name, value] as const];
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? flat(value, `${prefix}${name}.`) : [];
  });

describe('docs/limits.md', () => {
  const rows = tableRows('docs/limits.md').map(([, most = '', constant = '']) => [constant, amount(most)] as const);
  const documented = new Map(rows.filter(([, value]) => !Number.isNaN(value)));
  const bounds = flat({ ...http, ...guarded, ...directory, ...callback, ...dispatch, LIMITS });

  it('has every bound of the API, the pages, the callbacks and the dispatcher, with its value', () => {
    expect(bounds.length).toBeGreaterThan(50);
    for (const [name, value] of bounds) expect([name, documented.get(`\`${name}\``)]).toEqual([name, value]);
  });

  it('says in words how retries are spaced', () => {
    const spaced = (ms: number): string => {
      const unit = ms >= 3_600_000 ? 3_600_000 : ms >= 60_000 ? 60_000 : 1000;
      return `${ms / unit} ${unit === 1000 ? 's' : unit === 60_000 ? 'min' : 'h'}`;
    };
    const listed = (pauses: readonly number[]) => pauses.map(spaced).join(', ');
    const text = fileText('docs/limits.md').replace(/\s+/g, ' ');
    const { callback: pipeline, notice } = dispatch.SCHEDULES;
    expect(text).toContain(listed(pipeline).replace(/, (?=24 h)/, ' and '));
    expect(text).toContain(`${listed(notice.slice(0, 7))} and five times 1 h`);
    expect(notice.slice(7)).toEqual(Array(5).fill(3_600_000));
    expect(dispatch.SCHEDULES.surface).toEqual(notice);
    expect(dispatch.SCHEDULES.action).toEqual(pipeline);
  });

  const inConfig = [...documented].flatMap(([path, value]) =>
    /^`(gates|people|groups|pipelines|calendars)\./.test(path) ? [[path.replaceAll('`', ''), value] as const] : [],
  );
  it.each(inConfig)('knows the bound of the config at %s', (path, value) => {
    const steps = path.split(/\.|(?=\[\])/);
    const found = steps.reduce<readonly Schema[]>(
      (schemas, step) =>
        schemas.flatMap(branches).flatMap((schema) => {
          const next =
            step === '*' ? schema.additionalProperties : step === '[]' ? schema.items : schema.properties?.[step];
          return isSchema(next) ? [next] : [];
        }),
      [config],
    );
    const most = found
      .flatMap(branches)
      .flatMap(({ maxItems, maximum, maxLength }) => maxItems ?? maximum ?? maxLength ?? []);
    expect(most).toContain(value);
  });

  const inside = [...documented].flatMap(([where, value]) => {
    const [, name, file] = /^`(\w+)` in \[`(src\/[^`]+)`\]/.exec(where) ?? [];
    return name === undefined || file === undefined ? [] : [[name, file, value] as const];
  });
  it.each(inside)('knows %s in %s', (name, file, value) => {
    const source = new RegExp(`const ${name}(?:: \\w+)? = ([\\d_ *]+);`).exec(fileText(file))?.[1] ?? '';
    const factors = source.replaceAll('_', '').split('*');
    expect(factors.reduce((product, factor) => product * Number(factor), 1)).toBe(value);
  });

  it('has nothing that none of these look at', () => {
    const names = new Set([...bounds.map(([name]) => `\`${name}\``), ...inConfig.map(([path]) => `\`${path}\``)]);
    const others = [...documented.keys()].filter((key) => !names.has(key) && !key.includes(' in [`src/'));
    expect(others).toEqual([]);
    expect(rows.filter(([constant]) => /^`[A-Zg]/.test(constant)).every(([, value]) => !Number.isNaN(value))).toBe(
      true,
    );
  });
});
