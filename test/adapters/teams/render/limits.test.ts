/** Teams refuses a whole card for one thing that is wrong in it, so whatever comes in, what goes out is taken. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Notice } from '../../../../src/adapters/channel.ts';
import { controlOf } from '../../../../src/adapters/teams/render/actions.ts';
import { notice, reply, stepCard, summary, surface } from '../../../../src/adapters/teams/render/index.ts';
import { anyText, anyView } from '../../slack/render/anything.ts';
import { link, now } from '../../slack/render/samples.ts';
import { expectTaken, nodes } from './taken.ts';

const RUNS = { numRuns: 120 };
const at = { link: link('req_01JD8QZ6V3M0F7') };
const hostile = fc.oneof(
  anyText,
  fc.constantFrom(
    '<at>Ana Silva</at> approved',
    '< at >Ana</ at>',
    '{{DATE(2026-01-01T00:00:00Z)}} {{TIME(2026-01-01T00:00:00Z)}}',
    '[Approve](https://evil.example) ![x](https://evil.example/x.png)',
  ),
);
const accounts = (name: string) => (person: string) => ({ id: `29:${person}${'x'.repeat(60)}`, name });
const refreshFor = fc
  .tuple(fc.constantFrom(0, 1, 60, 61, 500), fc.constantFrom(20, 115, 195, 400))
  .map(([count, length]) => Array.from({ length: count }, (_, i) => `29:${i}${'m'.repeat(length)}`.slice(0, length)));

describe('whatever a pipeline or a person wrote', () => {
  it('a surface is one that Teams takes', () => {
    fc.assert(
      fc.property(anyView, hostile, fc.boolean(), refreshFor, (view, text, isShared, users) => {
        const drawn = { ...view, title: text };
        const card = surface(drawn, { ...at, isShared, mention: accounts(text), refreshFor: users });
        expectTaken(card);
        expect(summary(drawn).length).toBeLessThanOrEqual(250);
        if (view.outcome === null) return;
        expect(card.refresh).toBeUndefined();
        const types = [...nodes(card)].map(({ type }) => String(type));
        expect(types.filter((type) => type.startsWith('Input.') || /Action\.(?!OpenUrl)/.test(type))).toEqual([]);
      }),
      RUNS,
    );
  }, 120_000);

  it('so is the form of each step and option', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        for (const action of view.actions) expectTaken(stepCard(controlOf(action, view, null), view, at));
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it('so are the answers to a command', () => {
    const page = fc.record({
      requests: fc.array(anyView, { maxLength: 12 }),
      next: fc.constantFrom(null, 'req_01JD8QZ6V3M0F8'),
    });
    fc.assert(
      fc.property(page, hostile, (requests, heading) => {
        expectTaken(reply({ kind: 'list', list: 'all', heading, empty: heading, page: requests }, { link, now }));
      }),
      { numRuns: 40 },
    );
    const facts = fc.array(fc.record({ label: hostile, value: hostile }), { maxLength: 100 });
    fc.assert(
      fc.property(hostile, facts, (heading, rows) => {
        expectTaken(reply({ kind: 'text', text: heading }, { link, now }));
        expectTaken(reply({ kind: 'facts', heading, facts: rows }, { link, now }));
        const commands = rows.map(({ label, value }) => ({ usage: label, does: value }));
        expectTaken(reply({ kind: 'help', commands }, { link, now }));
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it('so is a notice', () => {
    const kinds = ['reminder', 'outcome', 'bypass', 'history', 'deadLetter'] as const;
    fc.assert(
      fc.property(anyView, hostile, fc.constantFrom(...kinds), (view, sentence, kind) => {
        const said: Notice = { kind, sentence, people: Array.from({ length: 300 }, (_, i) => `p${i}`) };
        expectTaken(
          notice(said, { view, ...at, mention: (id) => ({ id: `29:${id}`, name: `Person ${id} ${sentence}` }) }),
        );
      }),
      RUNS,
    );
  }, 120_000);
});
