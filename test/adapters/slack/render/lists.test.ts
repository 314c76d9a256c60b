import { describe, expect, it } from 'vitest';
import { readControl } from '../../../../src/adapters/slack/control.ts';
import { homeView, notice, reply } from '../../../../src/adapters/slack/render/index.ts';
import type { RequestView } from '../../../../src/engine/view.ts';
import { button, labels, words } from './read.ts';
import { approve, approved, canary, link, now, pending, reject, rejected } from './samples.ts';
import { expectTakenMessage, expectTakenView } from './taken.ts';

const at = { link, now };
const page = (requests: readonly RequestView[], next: string | null = null) => ({ requests, next });
const list = (requests: readonly RequestView[], next: string | null = null) =>
  reply(
    {
      kind: 'list',
      list: 'waiting',
      heading: 'Waiting for you',
      empty: 'Nothing waits for you.',
      page: page(requests, next),
    },
    at,
  );

describe('a list', () => {
  it('has each request with its state, its id, its votes and the way to all the rest', () => {
    const { blocks, text } = list([pending]);
    expectTakenMessage({ blocks, text });
    expect(words(blocks)).toContain(`*<${link(pending.id)}|Deploy payments 4.12.0 to production>*`);
    expect(words(blocks)).toContain('0 of 2 approvals · waiting for Ana Silva, Cy Tan or Mia Chen · deadline <!date^');
    expect(words(blocks)).toContain('deploy-prod · asked by Ben Okoye · req_01JD8QZ6V3M0F7');
    expect(labels(blocks)).toEqual(['Approve', 'Reject', 'Review']);
    expect(text).toContain('Waiting for you; Deploy payments 4.12.0 to production');
  });

  it('pushes nobody: it offers all votes or none, and none where the web page decides', () => {
    const many = ['a', 'b', 'c', 'd', 'e'].map((option) => ({ ...approve, option, label: option }));
    expect(labels(list([{ ...pending, actions: many }]).blocks)).toEqual(['Review']);
    expect(labels(list([{ ...pending, mustReview: true }]).blocks)).toEqual(['Review']);
    expect(labels(list([{ ...pending, actions: [canary, reject] }]).blocks)).toEqual([
      'Canary 10 %',
      'Reject',
      'Review',
    ]);
  });

  it('leads to its next page', () => {
    const next = button(list([pending], 'req_01JD8QZ6V3M0F8').blocks, 'Next page');
    expect(readControl(next.value ?? '')).toEqual({ kind: 'page', list: 'waiting', after: 'req_01JD8QZ6V3M0F8' });
  });

  it('goes on after the last that it shows, where it was given too many', () => {
    const many = Array.from({ length: 40 }, (_, i) => ({ ...pending, id: `req_01JD8QZ6V3M0${i + 10}` }));
    const { blocks, text } = list(many, 'req_01JD8QZ6V3M0ZZ');
    expectTakenMessage({ blocks, text });
    expect(readControl(button(blocks, 'Next page').value ?? '')).toMatchObject({ after: 'req_01JD8QZ6V3M019' });
  });

  it('says so where it is empty', () => {
    expect(words(list([]).blocks)).toContain('Nothing waits for you.');
    expect(list([]).text).toContain('Nothing waits for you.');
  });
});

describe('other answers to a command', () => {
  it('are words, a request, facts, or help', () => {
    const text = reply({ kind: 'text', text: 'Approved. <!channel>' }, at);
    expect(text).toMatchObject({ text: 'Approved. &lt;!channel&gt;' });
    expect(labels(reply({ kind: 'request', view: approved }, at).blocks)).toEqual(['Details']);
    const facts = reply({ kind: 'facts', heading: 'Figures', facts: [{ label: 'Pending', value: '12' }] }, at);
    expect(words(facts.blocks)).toContain('*Pending*  12');
    const help = reply({ kind: 'help', commands: [{ usage: 'approve ID', does: 'Approves a request.' }] }, at);
    expect(words(help.blocks)).toContain('`approve ID`  Approves a request.');
    for (const drawn of [text, facts, help]) expectTakenMessage(drawn);
  });
});

describe('App Home', () => {
  it('shows what waits, what one asked for, and what was decided', () => {
    const home = homeView({ waiting: page([pending]), asked: page([]), recent: page([approved, rejected]), ...at });
    expectTakenView(home);
    const text = words(home.blocks);
    expect(text.indexOf('Waiting for you')).toBeLessThan(text.indexOf('You asked for'));
    expect(text).toContain('Nothing that you asked for is open.');
    expect(text).toContain('✅ Approved by Ana Silva and Mia Chen');
    expect(labels(home.blocks)).toContain('Approve');
  });
});

describe('a notice', () => {
  const drawn = (kind: 'reminder' | 'history', mention: string | null) =>
    notice(
      { kind, sentence: 'Still waiting for Mia Chen.', people: ['mia'] },
      { view: pending, link: link(pending.id), mention: () => mention },
    );

  it('says its sentence, calls whom it concerns and links to the request', () => {
    const said = drawn('reminder', '<@U0MIA>');
    expectTakenMessage(said);
    expect(words(said.blocks)).toContain('⏳ Still waiting for Mia Chen.\n<@U0MIA>');
    expect(words(said.blocks)).toContain(`<${link(pending.id)}|Deploy payments 4.12.0 to production>`);
  });

  it('calls nobody who is not here', () => {
    expect(words(drawn('reminder', null).blocks)).not.toContain('<@');
  });

  it('is one line in the thread of its request', () => {
    expect(drawn('history', null).blocks).toHaveLength(1);
  });
});
