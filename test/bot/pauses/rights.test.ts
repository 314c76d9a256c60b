/** Who may pause what: everybody against everything. */
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/bot/config/index.ts';
import type { HouseScope } from '../../../src/bot/pauses/house-pause.ts';
import { mayPause } from '../../../src/bot/pauses/rights.ts';
import type { Actor } from '../../../src/engine/request.ts';
import { CI_TOKEN, OTHER_TOKEN } from '../bot.ts';
import { PAUSE_GATES } from './house.ts';

const now = Date.parse('2026-03-02T09:00:00Z');
const config = parseConfig(PAUSE_GATES, 'countersign.yaml', { CI_TOKEN, OTHER_TOKEN }, now);
const house = { config, directory: config.directory, now };
const person = (id: string): Actor => ({ kind: 'person', person: id, via: 'web', pipeline: null });
const pipeline = (name: string): Actor => ({ kind: 'pipeline', pipeline: name });

const scopes: Readonly<Record<string, HouseScope>> = {
  deploy: { kind: 'gate', gate: 'deploy' },
  never: { kind: 'gate', gate: 'never' },
  adhoc: { kind: 'gate', gate: 'adhoc' },
  gone: { kind: 'gate', gate: 'gone' },
  'pipeline other': { kind: 'pipeline', pipeline: 'other' },
  everything: { kind: 'everything' },
};

it.each<[who: string, by: Actor, may: readonly string[]]>([
  ['an admin', person('adele'), Object.keys(scopes)],
  ['an owner, away as she is', person('olga'), ['deploy']],
  ['whoever stands in for the owner', person('dora'), ['deploy']],
  ['an approver', person('ana'), ['deploy', 'never']],
  ['an approver of one gate only', person('ben'), ['deploy']],
  ['whoever may bypass', person('mia'), ['deploy']],
  ['somebody else', person('eve'), []],
  ['a stranger', person('mallory'), []],
  ['a pipeline that may pause and opens every gate', pipeline('ci'), Object.keys(scopes)],
  ['a pipeline that may pause and opens some', pipeline('other'), ['deploy', 'pipeline other']],
  ['a pipeline that may not pause', pipeline('quiet'), []],
  ['a pipeline that is gone', pipeline('gone'), []],
])('%s may pause what is theirs, and nothing else', (_, by, may) => {
  expect(Object.keys(scopes).filter((name) => mayPause(by, scopes[name] ?? { kind: 'everything' }, house))).toEqual(
    may,
  );
});

describe('a directory that can’t be asked', () => {
  it('takes the right of none but its own members', () => {
    expect(config.directory.groups.get('nobody-knows')).toBe('unavailable');
    expect(mayPause(person('olga'), { kind: 'gate', gate: 'deploy' }, house)).toBe(true);
    expect(mayPause(person('eve'), { kind: 'gate', gate: 'deploy' }, house)).toBe(false);
  });
});
