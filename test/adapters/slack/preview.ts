/**
 * test/adapters/slack/preview.ts: takes pictures of what we draw into docs/images, in light and dark:
 * `npx tsx test/adapters/slack/preview.ts [FOLDER]`.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detailsModal, homeView, reply, stepModal, surface } from '../../../src/adapters/slack/render/index.ts';
import type { RequestView } from '../../../src/engine/view.ts';
import { launchBrowser } from '../../fake/browser.ts';
import { homeHtml, messageHtml, modalHtml, pageHtml } from './preview-page.ts';
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
} from './render/samples.ts';

const message = (view: RequestView, isShared = true): string =>
  messageHtml(surface(view, { link: link(view.id), isShared }).blocks);
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
const origin = { team: 'T0ACME', channel: 'C0RELEASES', ts: '1795339800.000100' };
const vote = { kind: 'vote', request: pending.id, shown: 1, option: 'canary', replaces: null } as const;
const page = (...requests: RequestView[]) => ({ requests, next: null });

/** A form of the length that people fill in. */
const inPicture = new Set(['window', 'share', 'ticket', 'told']);
const shortForm = {
  ...canary,
  form: { ...canary.form, fields: canary.form.fields.filter(({ id }) => inPicture.has(id)) },
};

/** Pictures for the docs come first; the others are for looking at. */
const scenes: Readonly<Record<string, string>> = {
  pending: message(pending),
  'after-votes': message(afterVotes),
  approved: message(approved),
  rejected: message(rejected),
  modal: modalHtml(stepModal(vote, { ...pending, actions: [shortForm] }, { link: link(pending.id), origin })),
  home: homeHtml(
    homeView({
      waiting: { requests: [pending, other], next: other.id },
      asked: page(),
      recent: page(approved, rejected, timedOut),
      link,
      now,
    }),
  ),
  details: modalHtml(detailsModal({ ...afterVotes, actions: pending.actions }, { link: link(pending.id), origin })),
  direct: message(minesVoted, false),
  bypassed: message(bypassed),
  'timed-out': message(timedOut),
  review: message({ ...pending, mustReview: true }),
  list: messageHtml(
    reply(
      { kind: 'list', list: 'waiting', heading: 'Waiting for you', empty: '', page: page(pending, other) },
      { link, now },
    ).blocks,
  ),
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
const documented = new Set(['pending', 'after-votes', 'approved', 'rejected', 'modal', 'home']);
await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
const fonts = await fontFaces();
try {
  for (const theme of ['light', 'dark'] as const) {
    const tab = await browser.newPage({ viewport: { width: 716, height: 400 }, deviceScaleFactor: 2 });
    for (const [name, html] of Object.entries(scenes)) {
      if (folder === 'docs/images' && !documented.has(name)) continue;
      await tab.setContent(pageHtml(html, theme, fonts));
      await tab.locator('body').screenshot({ path: join(folder, `slack-${name}-${theme}.png`) });
    }
    await tab.close();
  }
} finally {
  await browser.close();
}
