import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApproverRef, PersonId } from '../../src/engine/definition.ts';
import {
  type Directory,
  everybodyIn,
  type Group,
  type Person,
  type ResolveFor,
  resolve,
} from '../../src/engine/directory.ts';
import { everybody, explainRef } from '../../src/engine/explain-ref.ts';
import { MAX_LEVELS, managerOf, relationOf } from '../../src/engine/relation.ts';

const person = (id: PersonId, manager: PersonId | null, more: Partial<Person> = {}): Person => ({
  id,
  name: id,
  email: null,
  slack: null,
  teams: null,
  manager,
  timezone: null,
  away: [],
  ...more,
});

/** ana → mia → zoe, who has no manager; ben → mia. */
const house = (
  more: { readonly people?: readonly Person[]; readonly groups?: Readonly<Record<string, Group>> } = {},
  noManager: readonly ApproverRef[] = [],
): Directory => ({
  people: new Map(
    [person('ana', 'mia'), person('ben', 'mia'), person('mia', 'zoe'), person('zoe', null), ...(more.people ?? [])].map(
      (one) => [one.id, one],
    ),
  ),
  groups: new Map(Object.entries(more.groups ?? {})),
  ...(noManager.length > 0 && { noManager }),
});
const facts = { requester: 'ana', approvers: ['ben', 'mia'], exclude: null, now: 0 };
const meant = (ref: ApproverRef, directory = house(), about: Partial<ResolveFor> = {}) => {
  const found = resolve([ref], directory, { ...facts, ...about });
  return found.kind === 'people' ? found.people : found;
};

describe('a relation is written', () => {
  it.each([
    ['manager-of:requester', 1, 'requester'],
    ['manager-of(1):ana', 1, 'ana'],
    ['manager-of(3):release-managers', 3, 'release-managers'],
    ['manager-of:manager-of:requester', 2, 'requester'],
    ['manager-of(2):manager-of(3):approvers', 5, 'approvers'],
  ])('%s', (ref, levels, of) => expect(relationOf(ref)).toEqual({ levels, of }));

  it.each([
    'manager-of(0):ana',
    'manager-of(11):ana',
    'manager-of(99):ana',
    'manager-of(6):manager-of(5):ana',
    'manager-of:',
    'manager-of():ana',
    'manager-of(-1):ana',
    'manager-of(1.5):ana',
    'manager-of',
    'ana',
    'email:ana@acme.dev',
  ])('and %s is none', (ref) => expect(relationOf(ref)).toBeNull());
});

describe('a relation means', () => {
  it.each([
    ['the manager of who asks', 'manager-of:requester', ['mia']],
    ['the manager’s manager', 'manager-of(2):requester', ['zoe']],
    ['the same, written one by one', 'manager-of:manager-of:requester', ['zoe']],
    ['each manager of those who did not answer, once', 'manager-of:approvers', ['mia', 'zoe']],
    ['the manager of somebody by name', 'manager-of:ben', ['mia']],
    ['nobody above the top', 'manager-of(3):ana', []],
    ['nobody of nobody', 'manager-of:who', []],
  ])('%s', (_what, ref, people) => expect(meant(ref)).toEqual(people));

  it('every manager of a group, and of the groups in it', () => {
    const directory = house({ groups: { all: ['ana', 'more'], more: ['mia'] } });
    expect(meant('manager-of:all', directory)).toEqual(['mia', 'zoe']);
  });

  it('managers of managers of a group that is made of managers', () => {
    const directory = house({ groups: { leads: ['manager-of:ana', 'manager-of:ben'] } });
    expect(meant('leads', directory)).toEqual(['mia']);
    expect(meant('manager-of:leads', directory)).toEqual(['zoe']);
  });

  it('nobody while the group can’t be asked, which holds the gate', () => {
    const directory = house({ groups: { oncall: 'unavailable' } });
    expect(meant('manager-of:oncall', directory)).toEqual({ kind: 'unavailable', ref: 'oncall' });
  });

  it('an end, where a group is made of its own managers', () => {
    const directory = house({ groups: { odd: ['ana', 'manager-of:odd'] } });
    expect(meant('odd', directory)).toEqual(['ana', 'mia']);
  });
});

describe('where there is no manager', () => {
  it('nobody is meant, unless the directory says who is', () => {
    expect(meant('manager-of:zoe')).toEqual([]);
    expect(meant('manager-of:zoe', house({}, ['ben']))).toEqual(['ben']);
    expect(meant('manager-of(3):requester', house({ groups: { board: ['ben', 'mia'] } }, ['board']))).toEqual([
      'ben',
      'mia',
    ]);
  });

  it('only those who have none fall back', () => {
    const directory = house({ groups: { some: ['ana', 'zoe'] } }, ['ben']);
    expect(meant('manager-of:some', directory)).toEqual(['mia', 'ben']);
  });

  it('the fallback is never who may not decide', () => {
    expect(meant('manager-of:zoe', house({}, ['zoe', 'ben']), { exclude: 'zoe' })).toEqual(['ben']);
    expect(meant('manager-of:zoe', house({}, ['zoe']), { exclude: 'zoe' })).toEqual([]);
  });

  it('a fallback that can’t be asked holds the gate', () => {
    const directory = house({ groups: { board: 'unavailable' } }, ['board']);
    expect(meant('manager-of:zoe', directory)).toEqual({ kind: 'unavailable', ref: 'board' });
    expect(meant('manager-of:ana', directory)).toEqual(['mia']);
  });

  it('nobody falls back for a request of which nobody knows who asks', () => {
    const found = resolve(['manager-of:requester'], house({}, ['ben']), { ...facts, requester: null });
    expect(found).toMatchObject({ kind: 'people', people: [] });
  });

  it('a manager who has left is none', () => {
    const directory = house({ people: [person('new', 'gone')] }, ['ben']);
    expect(meant('manager-of:new', directory)).toEqual(['ben']);
  });
});

describe('somebody away', () => {
  const always = (delegate: string | null) => [{ from: 0, to: 10, delegate }];
  it('is stood in for by their own delegate where the absence names nobody', () => {
    const directory = house({ people: [person('dan', null, { away: always(null), delegate: 'ben' })] });
    expect(meant('dan', directory)).toEqual(['ben']);
  });

  it('is stood in for by whom the absence names, before anybody else', () => {
    const away = [...always(null), ...always('mia')];
    const directory = house({ people: [person('dan', null, { away, delegate: 'ben' })] });
    expect(meant('dan', directory)).toEqual(['mia']);
  });

  it('as a manager too', () => {
    const directory = house({ people: [person('new', 'dan'), person('dan', null, { away: always('ben') })] });
    expect(meant('manager-of:new', directory)).toEqual(['ben']);
  });
});

/** Any organisation, circles included. */
const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
const anyHouse = fc
  .record({
    managers: fc.array(fc.option(fc.constantFrom(...ids, 'gone')), { minLength: 6, maxLength: 6 }),
    delegates: fc.array(fc.option(fc.constantFrom(...ids)), { minLength: 6, maxLength: 6 }),
    absent: fc.subarray(ids),
    groups: fc.dictionary(
      fc.constantFrom('g', 'h', 'i'),
      fc.array(
        fc.constantFrom(...ids, 'g', 'h', 'i', 'manager-of:g', 'manager-of(2):a', 'manager-of:requester', 'who'),
        {
          maxLength: 4,
        },
      ),
    ),
    noManager: fc.subarray(['a', 'g']),
    isClosed: fc.boolean(),
  })
  .map(({ managers, delegates, absent, groups, noManager, isClosed }): Directory => {
    const people = ids.map((id, i) => {
      const away = absent.includes(id) ? [{ from: 0, to: 10, delegate: delegates[i] ?? null }] : [];
      return person(id, managers[i] ?? null, { away });
    });
    return {
      people: new Map(people.map((one) => [one.id, one])),
      groups: new Map<string, Group>([...Object.entries(groups), ...(isClosed ? [['i', 'unavailable'] as const] : [])]),
      noManager,
    };
  });
const anyRef = fc.constantFrom(
  'a',
  'g',
  'h',
  'manager-of:g',
  'manager-of(3):a',
  'manager-of:requester',
  'manager-of:approvers',
);

describe('in any organisation', () => {
  it('climbing so many levels is climbing one by one, and never comes to who was passed', () => {
    fc.assert(
      fc.property(
        anyHouse,
        fc.constantFrom(...ids),
        fc.integer({ min: 1, max: MAX_LEVELS }),
        (directory, id, levels) => {
          const passed = [id];
          for (let level = 1; level <= levels; level++) {
            const next = directory.people.get(passed.at(-1) ?? '')?.manager ?? null;
            const ends = next === null || passed.includes(next) || !directory.people.has(next);
            expect(managerOf(id, level, directory)).toBe(ends ? null : next);
            if (ends) return;
            passed.push(next);
          }
        },
      ),
    );
  });

  it('nobody is meant who is excluded, unknown or named twice', () => {
    fc.assert(
      fc.property(anyHouse, fc.array(anyRef, { maxLength: 4 }), fc.constantFrom(...ids), (directory, refs, exclude) => {
        const found = resolve(refs, directory, { requester: 'a', approvers: ['b', 'c'], exclude, now: 5 });
        if (found.kind === 'unavailable') return;
        expect(found.people).not.toContain(exclude);
        expect(new Set(found.people).size).toBe(found.people.length);
        for (const id of found.people) expect(directory.people.has(id)).toBe(true);
      }),
    );
  });

  it('an explanation ends, and names whoever is meant or stands in', () => {
    fc.assert(
      fc.property(anyHouse, anyRef, (directory, ref) => {
        const about = { requester: 'a', approvers: ['b', 'c'], exclude: null, now: 5 };
        const found = resolve([ref], directory, about);
        const named = everybody(explainRef(ref, directory, about));
        if (found.kind === 'unavailable') return;
        for (const id of found.people) expect(named).toContain(found.standsFor[id] ?? id);
      }),
    );
  });

  it('everybody in a group is there, away or not', () => {
    fc.assert(
      fc.property(anyHouse, (directory) => {
        const present = new Map([...directory.people].map(([id, one]) => [id, { ...one, away: [] }]));
        const found = resolve(
          ['g'],
          { ...directory, people: present },
          { requester: null, approvers: [], exclude: null, now: 5 },
        );
        const all = everybodyIn(['g'], directory);
        expect(all === null ? null : [...all]).toEqual(found.kind === 'people' ? found.people : null);
      }),
    );
  });
});

describe('an explanation says', () => {
  const explain = (ref: ApproverRef, directory: Directory) =>
    explainRef(ref, directory, { requester: null, approvers: [], exclude: 'ben', now: 5 });
  const away = (delegate: string | null) => [{ from: 0, to: 10, delegate }];

  it.each([
    ['whoever stands in', away('ana'), ['ana'], 'here'],
    ['that nobody does', away(null), [], 'nobody'],
    ['that it would be who may not', away('ben'), ['ben'], 'excluded'],
    ['that they go round in a circle', away('eve'), ['eve', 'dan'], 'circle'],
    ['that the last of them is away as well', away('fay'), ['fay'], 'away'],
  ])('%s', (_what, absences, delegates, end) => {
    const people = [
      person('dan', null, { away: absences }),
      person('eve', null, { away: away('dan') }),
      person('fay', null, { away: away(null) }),
    ];
    expect(explain('dan', house({ people }))).toMatchObject({ kind: 'person', away: { delegates, end, to: 10 } });
  });

  it('each level of a relation, and where it ended', () => {
    expect(explain('manager-of(3):ana', house({}, ['ben']))).toMatchObject({
      kind: 'relation',
      levels: 3,
      of: 'ana',
      reports: [{ person: 'ana', chain: ['mia', 'zoe'], meant: [{ person: 'ben', isExcluded: true }] }],
    });
  });

  it('what depends on a request, what is unknown and what can’t be asked', () => {
    const directory = house({ groups: { oncall: 'unavailable', all: ['oncall', 'ana', 'all'] } });
    expect(explain('manager-of:requester', directory)).toMatchObject({ kind: 'nobody', why: 'noRequester' });
    expect(explain('email:who@acme.dev', directory)).toMatchObject({ kind: 'nobody', why: 'unknown' });
    expect(explain('manager-of:all', directory)).toMatchObject({ kind: 'relation', unavailable: 'oncall' });
    expect(explain('all', directory)).toMatchObject({
      members: [{ kind: 'unavailable' }, { kind: 'person' }, { kind: 'group', isAgain: true }],
    });
  });
});
