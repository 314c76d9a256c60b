import { describe, expect, it } from 'vitest';
import { notice, reply } from '../../../../src/adapters/teams/render/index.ts';
import { link, now, pending } from '../../slack/render/samples.ts';
import { expectTaken, seen } from './taken.ts';

describe('a notice', () => {
  it('says one sentence, whom it concerns and what about', () => {
    const card = notice(
      { kind: 'reminder', sentence: 'Still waiting', people: ['ana', 'nobody'] },
      {
        view: pending,
        link: link(pending.id),
        mention: (id) => (id === 'ana' ? { id: '29:ana', name: 'Ana Silva' } : null),
      },
    );
    expectTaken(card);
    expect(seen(card)).toMatch(/^⏳ Still waiting\n<at>Ana Silva<\/at>\nDeploy payments/);
    expect(card.msteams.entities).toHaveLength(1);
  });
});

describe('answers to a command', () => {
  const page = {
    requests: [pending, { ...pending, id: 'req_01JD8R11AAAAAA', mustReview: true }],
    next: 'req_01JD8R11AAAAAB',
  };

  it('list what waits, with the votes of each or none', () => {
    const card = reply({ kind: 'list', list: 'waiting', heading: 'Waiting for you', empty: '', page }, { link, now });
    expectTaken(card);
    expect(seen(card)).toContain('(Approve)\n(Reject …)\n(Details)');
    expect(seen(card).match(/\(Approve\)/g)).toHaveLength(1);
    expect(card.actions).toMatchObject([{ title: 'Next page', data: { k: 'page|waiting|req_01JD8R11AAAAAB' } }]);
  });

  it('goes on from the last request that had room', () => {
    const requests = Array.from({ length: 20 }, (_, i) => ({ ...pending, id: `req_01JD8R11AAAA${i + 10}` }));
    const card = reply(
      { kind: 'list', list: 'all', heading: 'All', empty: '', page: { requests, next: null } },
      { link, now },
    );
    expectTaken(card);
    const shown = new Set(seen(card).match(/req_01JD8R11AAAA\d\d/g));
    expect(card.actions).toMatchObject([{ data: { k: `page|all|${[...shown].at(-1)}` } }]);
  });

  it('say that nothing waits', () => {
    const card = reply(
      {
        kind: 'list',
        list: 'waiting',
        heading: 'Waiting for you',
        empty: 'Nothing waits.',
        page: { requests: [], next: null },
      },
      { link, now },
    );
    expect(seen(card)).toBe('Waiting for you\nNothing waits.');
  });
});
