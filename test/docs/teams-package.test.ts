/**
 * test/docs/teams-package.test.ts: the Teams app package is one that Teams takes. The schema is Microsoft's own:
 * https://github.com/OfficeDev/microsoft-teams-app-schema (1.25).
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import { Ajv } from 'ajv';
import { describe, expect, it, onTestFinished } from 'vitest';
import { verbOf } from '../../src/bot/chat/help.ts';
import { fileText, root } from './documents.ts';

const APP = '22222222-aaaa-4bbb-8ccc-000000000002';
const URL_OF = 'https://approvals.example.com';

/** Draft 4 has `id` where newer ones have `$id`; of what else they differ in the schema has nothing. */
const { $schema: _, id: __, ...schema } = JSON.parse(fileText('test/docs/teams-manifest-1.25.schema.json'));
const validate = new Ajv({
  strict: false,
  validateFormats: false,
  validateSchema: false,
  unicodeRegExp: false,
}).compile(schema);
const faults = (manifest: unknown) => {
  validate(manifest);
  return validate.errors ?? [];
};

/** Runs the tool in an empty folder. */
async function pack(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-teams-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const out = join(folder, 'app.zip');
  const run = promisify(execFile)(process.execPath, [`${root}tools/teams-package.js`, '--out', out, ...args], {
    cwd: folder,
    env,
  });
  return { said: (await run).stdout, bytes: readFileSync(out) };
}

/** By the directory at its end, as unzip reads it. */
function unzip(bytes: Buffer): ReadonlyMap<string, Buffer> {
  const end = bytes.length - 22;
  expect(bytes.readUInt32LE(end)).toBe(0x06054b50);
  const files = new Map<string, Buffer>();
  let at = bytes.readUInt32LE(end + 16);
  for (let i = 0; i < bytes.readUInt16LE(end + 10); i++) {
    expect(bytes.readUInt32LE(at)).toBe(0x02014b50);
    const [packed, whole, name] = [
      bytes.readUInt32LE(at + 20),
      bytes.readUInt32LE(at + 24),
      bytes.readUInt16LE(at + 28),
    ];
    const local = bytes.readUInt32LE(at + 42);
    expect(bytes.readUInt32LE(local)).toBe(0x04034b50);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = inflateRawSync(bytes.subarray(start, start + packed));
    expect(content).toHaveLength(whole);
    files.set(bytes.subarray(at + 46, at + 46 + name).toString(), content);
    at += 46 + name;
  }
  return files;
}

describe('the app package', () => {
  it('has a manifest as Microsoft’s schema asks for, with the ids filled in, and both icons', async () => {
    const { said, bytes } = await pack(['--app-id', APP.toUpperCase(), '--url', URL_OF]);
    expect(said).toContain(APP);
    const files = unzip(bytes);
    expect([...files.keys()]).toEqual(['manifest.json', 'color.png', 'outline.png']);
    const manifest = JSON.parse(files.get('manifest.json')?.toString() ?? '');
    expect(faults(manifest)).toEqual([]);
    expect(manifest).toMatchObject({
      id: APP,
      bots: [{ botId: APP, scopes: ['personal', 'team', 'groupChat'] }],
      developer: { websiteUrl: URL_OF, privacyUrl: URL_OF, termsOfUseUrl: URL_OF },
    });
    expect(JSON.stringify(manifest)).not.toContain('${{');
    expect(manifest.description.short.length).toBeLessThanOrEqual(80);
    // Controls: it does look.
    expect(faults({ ...manifest, bot: [] })).not.toEqual([]);
    expect(faults({ ...manifest, id: 'TEAMS_APP_ID' })).not.toEqual([]);
    expect(faults({ ...manifest, name: { short: 'x'.repeat(31) } })).not.toEqual([]);
  });

  it('is opened by other programs, where there is one', async () => {
    const { bytes } = await pack(['--app-id', APP, '--url', URL_OF]);
    const python =
      'import io, sys, zipfile; z = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())); print(z.testzip())';
    const child = execFile('python3', ['-c', python]);
    const printed = new Promise<string | null>((resolve) => {
      let text = '';
      child.stdout?.on('data', (chunk) => {
        text += chunk;
      });
      child.on('error', () => resolve(null));
      child.on('close', () => resolve(text.trim()));
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(bytes);
    expect(['None', null]).toContain(await printed);
  });

  it('is the same each time, and takes what the environment says', async () => {
    const one = await pack(['--app-id', APP, '--url', URL_OF]);
    const other = await pack([], { TEAMS_APP_ID: APP, PUBLIC_URL: URL_OF });
    expect(other.bytes.equals(one.bytes)).toBe(true);
  });

  it('holds what somebody is called as it is written', async () => {
    const developer = 'Acme "Ops" \\ Söhne';
    const { bytes } = await pack(['--app-id', APP, '--url', URL_OF, '--developer', developer, '--version', '3.2.1']);
    const manifest = JSON.parse(unzip(bytes).get('manifest.json')?.toString() ?? '');
    expect(manifest).toMatchObject({ developer: { name: developer }, version: '3.2.1' });
  });

  it.each([
    [[], /app id/],
    [['--app-id', 'bot', '--url', URL_OF], /app id/],
    [['--app-id', APP], /https/],
    [['--app-id', APP, '--url', 'http://approvals.example.com'], /https/],
    [['--app-id', APP, '--url', URL_OF, '--terms', 'none'], /https/],
    [['--app-id', APP, '--url', URL_OF, '--version', '1'], /version/],
    [['--app-id', APP, '--url', URL_OF, '--appid', APP], /appid/],
  ])('is not made out of what can’t be right: %j', async (args, why) => {
    const error = await pack(args).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 2, stderr: expect.stringMatching(why) });
  });
});

describe('the icons', () => {
  const png = (path: string) => {
    const bytes = readFileSync(root + path);
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), colours: bytes[25] };
  };

  it('have the sizes that Teams asks for, the small one with transparency', () => {
    expect(png('teams/color.png')).toMatchObject({ width: 192, height: 192 });
    expect(png('teams/outline.png')).toEqual({ width: 32, height: 32, colours: 6 });
  });
});

describe('the commands that Teams offers', () => {
  it('are ones that the bot knows, in every scope it is in', () => {
    const { bots } = JSON.parse(fileText('teams/manifest.json'));
    const lists: readonly { scopes: string[]; commands: { title: string; description: string }[] }[] =
      bots[0].commandLists;
    expect(lists.flatMap(({ scopes }) => scopes).toSorted()).toEqual(bots[0].scopes.toSorted());
    for (const { commands } of lists) {
      expect(commands.length).toBeLessThanOrEqual(10); // what Teams shows
      for (const { title, description } of commands) {
        expect(title === 'gates' || verbOf(title) !== null, title).toBe(true);
        expect(title.length).toBeLessThanOrEqual(32);
        expect(description.length).toBeLessThanOrEqual(128);
      }
    }
  });
});
