/** Who looks after a gate and after everything, and what a pause does by default, as the config says it. */
import { describe, expect, it } from 'vitest';
import { env, gateProblems, load, problems, somebody } from './given.ts';

describe('admins and owners', () => {
  it('are references, each once; a gate without owners has no such key, so that its digest stays what it was', () => {
    const config = load(
      `${somebody}admins: [mia, managers, mia]\ngates:\n  kept: { approvers: [ana], owners: [ben, "email:ana@acme.dev"] }\n  free: { approvers: [ana] }\n`,
      env,
    );
    expect(config.admins).toEqual(['mia', 'managers']);
    expect(config.gates.get('kept')?.owners).toEqual(['ben', 'email:ana@acme.dev']);
    expect(config.gates.get('free')).not.toHaveProperty('owners');
    expect(load(somebody, env).admins).toEqual([]);
  });

  it.each([
    ['admins: [nobody]', 'admins[0]: "nobody" is neither a person nor a group'],
    [
      'admins: ["manager-of:requester"]',
      'admins[0]: "manager-of:requester" depends on a request; name people or groups who look after it at any time',
    ],
    ['admins: []', 'admins: must name somebody'],
    ['admins: mia', 'admins: must be a list'],
  ])('%s is refused', (line, words) => {
    expect(problems(`${somebody}${line}\n`).join('\n')).toContain(words);
  });

  it.each([
    ['{ approvers: [ana], owners: [mai] }', '"mai" is neither a person nor a group, did you mean "mia"?'],
    ['{ approvers: [ana], owners: ["manager-of:approvers"] }', 'depends on a request'],
  ])('a gate with %s is refused', (gate, words) => {
    expect(gateProblems(gate).join('\n')).toContain(words);
  });
});

describe('pauseClocks', () => {
  it('stand still by default, and run on where that is written', () => {
    expect(load(somebody, env).pauseClocks).toBe('stop');
    expect(load(`${somebody}defaults: { pauseClocks: run }\n`, env).pauseClocks).toBe('run');
    expect(problems(`${somebody}defaults: { pauseClocks: walk }\n`).join()).toMatch(/pauseClocks: must be/);
  });
});

it('a pipeline may pause where its config says so', () => {
  const [ci] = load(
    `${somebody}pipelines: { ci: { token: 0123456789abcdef, gates: ["*"], may: [pause] } }\ngates: { a: { approvers: [ana] } }\n`,
    env,
  ).pipelines;
  expect([ci?.may.has('pause'), ci?.mayOpenAll]).toEqual([true, true]);
});
