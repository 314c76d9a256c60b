/** test/engine/earlier.test.ts: what an earlier version wrote down still leads to the very state that it led to then. */
import { describe, expect, it } from 'vitest';
import { fold } from '../../src/engine/evolve.ts';
import type { Event } from '../../src/engine/request.ts';
import { dueAt } from '../../src/engine/timers.ts';
import { byPipeline, content, DAY, gate, HOUR, T0 } from './house.ts';

const definition = gate(['ana'], 1, { escalate: [{ afterMs: HOUR, to: ['mia'], mode: 'add' }] });
const rule = { refs: ['ana'], needed: 1, approvers: ['ana'], standsFor: {} };
/** As they stand in logs from before pauses had a scope, and escalations a number. */
const before: readonly Event[] = [
  {
    type: 'opened',
    at: T0,
    content: content(),
    gate: definition,
    expiresAt: T0 + DAY,
    stages: [{ name: 'review', skipped: false, rules: [rule] }],
  },
  { type: 'paused', at: T0 + HOUR, by: byPipeline(), reason: 'wait' },
  { type: 'resumed', at: T0 + 3 * HOUR, by: byPipeline() },
  { type: 'escalated', at: T0 + 4 * HOUR, stage: 0, step: 0, mode: 'add', refs: ['mia'], people: ['mia'] },
  {
    type: 'approversChanged',
    at: T0 + 5 * HOUR,
    stage: 0,
    rule: 0,
    approvers: ['ben', 'mia'],
    standsFor: { ben: 'ana' },
  },
  { type: 'paused', at: T0 + 6 * HOUR, by: byPipeline(), reason: null },
];

describe('an event log of an earlier version', () => {
  it('leads to the state that was kept beside it, to the letter', () => {
    const state = fold(before);
    expect(JSON.parse(JSON.stringify(state))).toEqual({
      status: 'pending',
      content: content(),
      gate: JSON.parse(JSON.stringify(definition)),
      version: 6,
      openedAt: T0,
      expiresAt: T0 + DAY + 2 * HOUR,
      stages: [
        {
          name: 'review',
          state: 'open',
          openedAt: T0,
          openedSeq: 1,
          clockFrom: T0 + 2 * HOUR,
          remindersSent: 0,
          escalationsDone: 1,
          rules: [
            {
              ...rule,
              approvers: ['ben', 'mia'],
              added: ['mia'],
              removed: [],
              kept: null,
              standsFor: { ben: 'ana' },
              state: 'open',
            },
          ],
        },
      ],
      votes: [],
      withdrawals: {},
      comments: [],
      information: [],
      escalations: [{ stage: 0, people: ['mia'], mode: 'add', at: T0 + 4 * HOUR }],
      undelivered: [],
      paused: { by: byPipeline(), reason: null, at: T0 + 6 * HOUR },
      held: null,
      snoozed: {},
      slaFrom: T0 + 2 * HOUR,
      slaWarned: false,
      slaBreached: false,
      lastBeatAt: null,
    });
    expect(dueAt(state)).toBeNull();
  });
});
