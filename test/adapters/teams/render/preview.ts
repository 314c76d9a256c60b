/**
 * test/adapters/teams/render/preview.ts: takes pictures of what we draw into docs/images, in light and dark:
 * `npx tsx test/adapters/teams/render/preview.ts [FOLDER]`.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Card, notice, reply, stepCard, surface } from '../../../../src/adapters/teams/render/index.ts';
import type { RequestView } from '../../../../src/engine/view.ts';
import { launchBrowser } from '../../../fake/browser.ts';
import {
  afterVotes,
  approve,
  approved,
  bypassed,
  canary,
  hour,
  link,
  minesVoted,
  now,
  pending,
  rejected,
  timedOut,
  vetoed,
} from '../../slack/render/samples.ts';
import { pageHtml } from './preview-page.ts';

const NAMES: Readonly<Record<string, string>> = { ana: 'Ana Silva', ben: 'Ben Okoye', cy: 'Cy Tan', mia: 'Mia Chen' };
const mention = (person: string) => ({ id: `29:${person}`, name: NAMES[person] ?? person });
const shared = (view: RequestView, refreshFor: readonly string[] = []): Card =>
  surface(view, { link: link(view.id), isShared: true, mention, refreshFor });
const own = (view: RequestView): Card =>
  surface(view, { link: link(view.id), isShared: false, mention, refreshFor: [] });

const inPicture = new Set(['window', 'share', 'ticket', 'told']);
const shortForm = {
  ...canary,
  form: { ...canary.form, fields: canary.form.fields.filter(({ id }) => inPicture.has(id)) },
};
const other: RequestView = {
  ...pending,
  id: 'req_01JD8R11AAAAAA',
  title: 'Rotate the signing keys of the payment gateway',
  gate: 'security-change',
  requester: null,
  actions: [approve, vetoed],
  progress: '1 of 2 approvals · waiting for Ana Silva',
  silence: { sentence: '', at: now + 8 * hour },
};

interface Scene {
  readonly card: Card;
  /** Which button is pressed before the picture. */
  readonly press?: string;
}

const withForm: RequestView = { ...pending, actions: [approve, shortForm, vetoed, ...pending.actions.slice(2)] };
/** Pictures for the docs come first; the others are for looking at. */
const documented = ['pending', 'form', 'approved', 'rejected', 'list'];
const scenes: Readonly<Record<string, Scene>> = {
  pending: { card: own({ ...pending, actions: [approve, vetoed, ...pending.actions.slice(2)] }) },
  form: { card: own(withForm), press: 'Canary 10 %' },
  approved: { card: shared(approved) },
  rejected: { card: shared(rejected) },
  list: {
    card: reply(
      {
        kind: 'list',
        list: 'waiting',
        heading: 'Waiting for you',
        empty: '',
        page: { requests: [pending, other], next: null },
      },
      { link, now },
    ),
  },
  shared: { card: shared(afterVotes, ['29:ana']) },
  confirm: { card: own({ ...pending, actions: [approve, vetoed, ...pending.actions.slice(2)] }), press: 'Reject' },
  more: { card: own(pending), press: 'More' },
  mine: { card: own(minesVoted) },
  bypassed: { card: shared(bypassed) },
  'timed-out': { card: shared(timedOut) },
  paused: {
    card: own({
      ...pending,
      paused: { sentence: 'Paused by Ben Okoye: freeze', at: now },
      actions: pending.actions.slice(2),
    }),
  },
  review: { card: own({ ...pending, mustReview: true }) },
  delegate: {
    card: stepCard({ kind: 'delegate', request: pending.id, shown: 1, replaces: null, form: null }, pending, {
      link: link(pending.id),
    }),
  },
  notice: {
    card: notice(
      { kind: 'reminder', sentence: 'Still waiting for a decision: 0 of 2 approvals', people: ['ana', 'mia'] },
      { view: pending, link: link(pending.id), mention },
    ),
  },
  help: {
    card: reply(
      {
        kind: 'help',
        commands: [
          { usage: 'gates show ID', does: 'shows a request with its buttons' },
          { usage: 'gates approve ID [REASON]', does: 'approves' },
        ],
      },
      { link, now },
    ),
  },
};

/** The browser's package unpacks its fonts here. */
async function fontFaces(): Promise<string> {
  const faces = { 'OpenSans-Regular': 400, 'OpenSans-Bold': 700 };
  const rules = Object.entries(faces).map(async ([file, weight]) => {
    const font = await readFile(join(tmpdir(), 'fonts', 'fonts', 'Open_Sans', `${file}.ttf`));
    return `@font-face { font-family:'Open Sans'; font-weight:${weight}; src:url(data:font/ttf;base64,${font.toString('base64')}) }`;
  });
  return (await Promise.all(rules)).join('\n');
}

const folder = process.argv[2] ?? 'docs/images';
const width = Number(process.argv[3] ?? 716);
await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
const fonts = await fontFaces();
try {
  for (const theme of ['light', 'dark'] as const) {
    const tab = await browser.newPage({ viewport: { width, height: 400 }, deviceScaleFactor: 2 });
    for (const [name, { card, press }] of Object.entries(scenes)) {
      if (folder === 'docs/images' && !documented.includes(name)) continue;
      await tab.setContent(pageHtml(card, theme, `${fonts} body { width: ${width}px !important }`));
      if (press !== undefined) await tab.getByRole('button', { name: press, exact: true }).click({ timeout: 3000 });
      await tab.locator('body').screenshot({ path: join(folder, `teams-${name}-${theme}.png`) });
    }
    await tab.close();
  }
} finally {
  await browser.close();
}
