import { expect, it } from 'vitest';
import { Waiters } from '../../../src/bot/waiters.ts';

const nothing = () => {};

it('has a bound, and gives each place back once', () => {
  const waiters = new Waiters(2);
  const leave = waiters.subscribe('req_1', 'ci', nothing);
  expect(waiters.isFullFor('other')).toBe(false);
  waiters.subscribe('req_1', null, nothing);
  expect([waiters.count, waiters.isFullFor('other')]).toEqual([2, true]);
  leave();
  leave();
  expect([waiters.count, waiters.isFullFor('other')]).toEqual([1, false]);
});

it('leaves room for the others when one pipeline has taken its share', () => {
  const waiters = new Waiters(4, 2);
  const [leave] = [waiters.subscribe('req_1', 'ci', nothing), waiters.subscribe('req_2', 'ci', nothing)];
  expect([waiters.isFullFor('ci'), waiters.isFullFor('other')]).toEqual([true, false]);
  leave();
  expect(waiters.isFullFor('ci')).toBe(false);
});
