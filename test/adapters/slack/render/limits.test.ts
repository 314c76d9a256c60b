/** Slack refuses a whole message for one text that is too long, so whatever comes in, what goes out is taken. */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { Notice } from '../../../../src/adapters/channel.ts';
import { controlOf } from '../../../../src/adapters/slack/render/buttons.ts';
import {
  detailsModal,
  homeView,
  messageModal,
  notice,
  reply,
  stepModal,
  surface,
} from '../../../../src/adapters/slack/render/index.ts';
import { anyText, anyView } from './anything.ts';
import { link, now } from './samples.ts';
import { expectTakenMessage, expectTakenView } from './taken.ts';

const RUNS = { numRuns: 150 };
const origin = { team: 'T0ACME', channel: 'C0RELEASES', ts: '1795339800.000100' };
const at = { link: link('req_01JD8QZ6V3M0F7'), origin };

describe('whatever a pipeline or a person wrote', () => {
  it('a message is one that Slack takes', () => {
    fc.assert(
      fc.property(anyView, fc.boolean(), (view, isShared) => expectTakenMessage(surface(view, { ...at, isShared }))),
      RUNS,
    );
  }, 60_000);

  it('so are the details', () => {
    fc.assert(
      fc.property(anyView, (view) => expectTakenView(detailsModal(view, at))),
      RUNS,
    );
  }, 60_000);

  it('so is the modal of each step and option', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        for (const action of view.actions) expectTakenView(stepModal(controlOf(action, view), view, at));
      }),
      { numRuns: 400 },
    );
  }, 60_000);

  it('so are App Home and the answers to a command', () => {
    const page = fc.record({
      requests: fc.array(anyView, { maxLength: 12 }),
      next: fc.constantFrom(null, 'req_01JD8QZ6V3M0F8'),
    });
    fc.assert(
      fc.property(page, page, anyText, (waiting, recent, heading) => {
        expectTakenView(homeView({ waiting, asked: waiting, recent, link, now }));
        expectTakenMessage(reply({ kind: 'list', list: 'all', heading, empty: heading, page: waiting }, { link, now }));
      }),
      { numRuns: 40 },
    );
    const facts = fc.array(fc.record({ label: anyText, value: anyText }), { maxLength: 100 });
    fc.assert(
      fc.property(anyText, facts, (heading, rows) => {
        expectTakenMessage(reply({ kind: 'text', text: heading }, { link, now }));
        expectTakenMessage(reply({ kind: 'facts', heading, facts: rows }, { link, now }));
        const commands = rows.map(({ label, value }) => ({ usage: label, does: value }));
        expectTakenMessage(reply({ kind: 'help', commands }, { link, now }));
        expectTakenView(messageModal(heading, heading));
      }),
      RUNS,
    );
  }, 60_000);

  it('so is a notice', () => {
    const kinds = ['reminder', 'outcome', 'bypass', 'history', 'deadLetter'] as const;
    fc.assert(
      fc.property(anyView, anyText, fc.constantFrom(...kinds), (view, sentence, kind) => {
        const said: Notice = { kind, sentence, people: Array.from({ length: 300 }, (_, i) => `p${i}`) };
        expectTakenMessage(notice(said, { view, link: at.link, mention: (id) => `<@U${id.toUpperCase()}>` }));
      }),
      RUNS,
    );
  }, 60_000);
});
