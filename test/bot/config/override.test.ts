// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates of gates are what is tested here
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { applyOverrides, type Overrides, overrideShape } from '../../../src/bot/config/index.ts';
import { load, somebody } from './given.ts';

const config = load(`${somebody}
gates:
  some: { approvers: [ana, ben], quorum: 2, overrides: [approvers, quorum, timeout, notify] }
  none: { approvers: [ana] }
  chain: { overrides: [approvers, stages], stages: [{ approvers: [ana] }, { approvers: [ben] }] }
`);

function apply(gate: string, overrides: Overrides) {
  const definition = config.gates.get(gate);
  if (definition === undefined) throw new Error(`no gate ${gate}`);
  return applyOverrides(definition, overrides, config);
}

describe('what a request brings itself', () => {
  it('is laid over the gate, which stays as it was', () => {
    const result = apply('some', {
      approvers: ['managers', 'mia'],
      quorum: 'all',
      timeout: '1h',
      notify: ['releases'],
    });
    const gate = config.gates.get('some');
    expect(result).toEqual({
      gate: {
        ...gate,
        stages: [
          { name: 'approval', when: null, rules: [{ approvers: ['managers', 'mia'], quorum: { kind: 'all' } }] },
        ],
        timeoutMs: 3_600_000,
        notify: ['releases'],
      },
    });
    expect(gate?.timeoutMs).toBe(86_400_000);
    expect(apply('none', {})).toEqual({ gate: config.gates.get('none') });
  });

  it('keeps the quorum where only approvers are brought, and the approvers where only a quorum is', () => {
    expect(apply('some', { approvers: ['ana', 'mia'] })).toMatchObject({
      gate: { stages: [{ rules: [{ approvers: ['ana', 'mia'], quorum: { kind: 'count', count: 2 } }] }] },
    });
    expect(apply('some', { quorum: 1 })).toMatchObject({
      gate: { stages: [{ rules: [{ approvers: ['ana', 'ben'], quorum: { kind: 'count', count: 1 } }] }] },
    });
  });

  it('is everything at the gate adhoc', () => {
    const result = apply('adhoc', {
      stages: [
        { name: 'peers', approvers: ['managers'] },
        { when: 'context.big', rules: [{ approvers: ['mia'] }] },
      ],
      timeout: 'never',
      onTimeout: 'ship',
      options: [
        { id: 'ship', label: 'Ship', outcome: 'approved' },
        { id: 'hold', label: 'Hold', outcome: 'rejected' },
      ],
      form: [{ id: 'why', type: 'text', when: 'option == "hold"' }],
      notify: ['releases'],
    });
    expect(result).toMatchObject({
      gate: {
        timeoutMs: null,
        onTimeout: 'ship',
        stages: [{ name: 'peers' }, { name: 'stage 2', when: 'context.big' }],
      },
    });
  });

  it.each<[string, Overrides, string, string]>([
    ['none', { timeout: '1h' }, 'timeout', 'the gate none does not let a request bring its own timeout'],
    ['some', { onTimeout: 'approve' }, 'onTimeout', 'the gate some does not let a request bring its own onTimeout'],
    ['some', { approvers: ['stranger'], quorum: 1 }, 'approvers[0]', '"stranger" is neither a person nor a group'],
    ['some', { approvers: ['mia'] }, 'quorum', 'asks for 2 approvals of 1 person'],
    [
      'some',
      { timeout: 'soon' },
      'timeout',
      'must be a duration like "90s", "30m", "24h", "7d" or "PT24H", at most ten years, or "never"',
    ],
    ['some', { notify: ['x'] }, 'notify[0]', '"x" is not a channel'],
    ['chain', { approvers: ['mia'] }, 'approvers', 'the gate chain has several rules; bring "stages"'],
    [
      'chain',
      { approvers: ['mia'], stages: [{ approvers: ['ana'] }] },
      'approvers',
      'cannot stand beside "stages"; write it into a stage',
    ],
    ['adhoc', { quorum: 2 }, 'approvers', 'is required'],
    ['adhoc', { approvers: ['ana'], onTimeout: 'maybe' }, 'onTimeout', '"maybe" is not an option of this gate'],
    ['adhoc', { stages: [{ approvers: ['ana'], when: 'process.exit()' }] }, 'stages[0].when', 'unknown name "process"'],
    [
      'adhoc',
      { approvers: ['ana'], form: [{ id: 'a', type: 'text', pattern: '(' }] },
      'form[0].pattern',
      '"(" is not a valid RE2 pattern',
    ],
  ])('at the gate %s: %j is refused', (gate, overrides, path, message) => {
    expect(apply(gate, overrides)).toEqual({ problems: [{ path, message }] });
  });

  it('can be described as JSON Schema, unknown keys refused', () => {
    const schema = z.toJSONSchema(z.strictObject(overrideShape));
    expect(schema.additionalProperties).toBe(false);
    expect(Object.keys(schema.properties ?? {})).toEqual(Object.keys(overrideShape));
  });
});
