// Makes the Teams app package (a zip of manifest.json and two icons) out of teams/, with your ids filled in:
//   npm run teams:package -- [--app-id GUID] [--url https://…] [--out countersign-teams.zip]
// What is not given comes from the environment or .env: TEAMS_APP_ID, PUBLIC_URL. The same input gives the same bytes.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { deflateRawSync } from 'node:zlib';

const root = new URL('..', import.meta.url);
const GUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const USAGE = `npm run teams:package -- --app-id GUID --url https://approvals.example.com
  --app-id     the bot's app id (default: TEAMS_APP_ID)
  --url        an address of yours by https, shown as the app's website (default: PUBLIC_URL)
  --privacy    address of your privacy statement (default: the one above)
  --terms      address of your terms of use (default: the one above)
  --developer  who runs it, at most 32 characters (default: Countersign)
  --version    of the package; Teams takes an update only with a higher one (default: Countersign's own)
  --out        where the zip goes (default: countersign-teams.zip)`;

function fail(message) {
  console.error(`${message}\n\n${USAGE}`);
  process.exit(2);
}

const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest >>> 0;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff];
  return (crc ^ 0xffffffff) >>> 0;
}

/** 1 January 1980, where a zip's time begins. */
const DOS_DATE = 0x21;

/** Two-byte and four-byte numbers, little end first: [value, size] each. */
const numbers = (...fields) => {
  const bytes = Buffer.alloc(fields.reduce((sum, [, size]) => sum + size, 0));
  let at = 0;
  for (const [value, size] of fields) at = bytes.writeUIntLE(value, at, size);
  return bytes;
};

/** https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16. */
function zip(files) {
  const locals = [];
  const central = [];
  let offset = 0;
  for (const [name, bytes] of files) {
    const packed = deflateRawSync(bytes, { level: 9 });
    const path = Buffer.from(name);
    const common = [
      [20, 2], // version needed: 2.0
      [0, 2],
      [8, 2], // deflated
      [0, 2],
      [DOS_DATE, 2],
      [crc32(bytes), 4],
      [packed.length, 4],
      [bytes.length, 4],
      [path.length, 2],
      [0, 2],
    ];
    const local = Buffer.concat([numbers([0x04034b50, 4], ...common), path, packed]);
    central.push(numbers([0x02014b50, 4], [20, 2], ...common, [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]), path);
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = numbers(
    [0x06054b50, 4],
    [0, 2],
    [0, 2],
    [files.length, 2],
    [files.length, 2],
    [directory.length, 4],
    [offset, 4],
    [0, 2],
  );
  return Buffer.concat([...locals, directory, end]);
}

function options() {
  const text = { type: 'string' };
  try {
    const names = ['app-id', 'url', 'privacy', 'terms', 'developer', 'version', 'out'];
    return parseArgs({ options: Object.fromEntries(names.map((name) => [name, text])) }).values;
  } catch (error) {
    return fail(error.message);
  }
}

if (existsSync('.env')) process.loadEnvFile('.env');
const given = options();
const appId = given['app-id'] ?? process.env.TEAMS_APP_ID ?? '';
if (!GUID.test(appId)) fail('The app id of the bot is needed, a GUID: --app-id, or TEAMS_APP_ID.');
const website = given.url ?? process.env.PUBLIC_URL ?? '';
const values = {
  TEAMS_APP_ID: appId.toLowerCase(),
  VERSION: given.version ?? JSON.parse(readFileSync(new URL('package.json', root), 'utf8')).version,
  DEVELOPER: given.developer ?? 'Countersign',
  WEBSITE_URL: website,
  PRIVACY_URL: given.privacy ?? website,
  TERMS_URL: given.terms ?? website,
};
for (const name of ['WEBSITE_URL', 'PRIVACY_URL', 'TERMS_URL'])
  if (!URL.canParse(values[name]) || new URL(values[name]).protocol !== 'https:')
    fail('Teams shows addresses by https alone: --url, --privacy, --terms, or PUBLIC_URL.');
if (!/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.test(values.VERSION)) fail('A version is like 1.0.2.');
if (values.DEVELOPER.length > 32) fail('The developer’s name may have at most 32 characters.');

const manifest = readFileSync(new URL('teams/manifest.json', root), 'utf8').replace(
  /\$\{\{(\w+)\}\}/g,
  (_, name) => JSON.stringify(values[name]).slice(1, -1), // inside the quotes that stand there
);
const out = given.out ?? 'countersign-teams.zip';
writeFileSync(
  out,
  zip([
    ['manifest.json', Buffer.from(manifest)],
    ['color.png', readFileSync(new URL('teams/color.png', root))],
    ['outline.png', readFileSync(new URL('teams/outline.png', root))],
  ]),
);
console.log(`${out}: Countersign ${values.VERSION} for Teams, bot ${values.TEAMS_APP_ID}`);
