import { expect, it } from 'vitest';
import { Waiters } from '../../../src/bot/waiters.ts';

it('has a bound, and gives each place back once', () => {
  const waiters = new Waiters(2);
  const leave = waiters.subscribe('req_1', () => {});
  expect(waiters.isFull).toBe(false);
  waiters.subscribe('req_1', () => {});
  expect([waiters.count, waiters.isFull]).toEqual([2, true]);
  leave();
  leave();
  expect([waiters.count, waiters.isFull]).toEqual([1, false]);
});
