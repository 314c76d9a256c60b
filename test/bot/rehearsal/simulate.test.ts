/** test/bot/rehearsal/simulate.test.ts: what a simulation tells of a gate. */
import { describe, expect, it } from 'vitest';
import type { Simulation } from '../../../src/adapters/simulation.ts';
import { type Config, parseConfig } from '../../../src/bot/config/index.ts';
import { answerForm } from '../../../src/bot/rehearsal/form.ts';
import { sampleContext, sampleRequester } from '../../../src/bot/rehearsal/sample.ts';
import { type SimulationOrder, simulate } from '../../../src/bot/rehearsal/simulate.ts';
import { voteFrom } from '../../../src/bot/rehearsal/votes.ts';
import type { Json } from '../../../src/engine/definition.ts';
import { FRIDAY, house, YAML } from './house.ts';

const config = house();
const gateOf = (name: string, of: Config = config) => {
  const gate = of.gates.get(name);
  if (gate === undefined) throw new Error(`no gate ${name}`);
  return gate;
};
const CONTEXT: Json = { service: 'shop', version: '1.4', risk: 9, region: 'us' };

interface Wishes extends Partial<Omit<SimulationOrder, 'gate' | 'votes'>> {
  readonly context?: Json;
  readonly requester?: string | null;
  readonly votes?: readonly string[];
}

function of(
  gate: string,
  { context = CONTEXT, requester = 'ben', votes = [], ...more }: Wishes = {},
  of = config,
): Simulation {
  return simulate(of, {
    gate: gateOf(gate, of),
    overrides: {},
    asked: {
      title: null,
      description: null,
      requester,
      context,
      fields: [],
      artifacts: [],
      subject: null,
      callback: null,
      supersedes: null,
      heartbeatMs: null,
    },
    pipeline: 'ci',
    at: FRIDAY,
    explain: null,
    ...more,
    votes: votes.map((text) => {
      const vote = voteFrom(text, more.at ?? FRIDAY);
      if (typeof vote === 'string') throw new Error(vote);
      return vote;
    }),
  });
}

const steps = ({ timeline }: Simulation) => timeline.map(({ what }) => what);

describe('the stages of a simulation', () => {
  it('say which apply, with the condition and the values it looked at', () => {
    const { stages } = of('deploy-prod');
    expect(stages.map(({ name, applies, why }) => [name, applies, why])).toEqual([
      ['peer review', true, 'it has no condition'],
      ['change board', true, 'context.risk >= 7 is true (context.risk is 9)'],
      ['legal', false, 'context.region == "eu" && context.personalData is false (context.region is "us")'],
    ]);
  });

  it('apply where the condition fails, and say so', () => {
    const [, board] = of('deploy-prod', { context: {} }).stages;
    expect(board?.applies).toBe(true);
    expect(board?.why).toMatch(/^context\.risk >= 7 fails \(.*risk.*\), and a condition that fails applies$/);
  });

  it('say through whom everybody comes, who stands in, and who is left out and why', () => {
    const [rule] = of('deploy-prod').stages[0]?.rules ?? [];
    expect(rule).toMatchObject({ needed: 1, quorum: '1', problems: [] });
    expect(rule?.approvers).toEqual([
      { person: { id: 'ana', name: 'Ana Silva' }, through: ['release-managers'], standsFor: null },
      {
        person: { id: 'gil', name: 'Gil Moreau' },
        through: ['release-managers'],
        standsFor: { id: 'cy', name: 'Cy Tan', until: '2026-11-23T00:00:00Z' },
      },
    ]);
    expect(rule?.leftOut.map(({ person, why, until }) => [person.id, why, until])).toEqual([
      ['ben', 'asks for it, and nobody approves their own request here', null],
      ['cy', 'is away; Gil Moreau stands in', '2026-11-23T00:00:00Z'],
    ]);
  });

  it('name the groups on the way', () => {
    const nested = parseConfig(
      `people: { ana: {}, mia: {} }\ngroups: { leads: [ana], all: [leads, mia] }\ngates: { deploy: { approvers: [all] } }`,
      'countersign.yaml',
      {},
      FRIDAY,
    );
    const [rule] = of('deploy', { requester: null }, nested).stages[0]?.rules ?? [];
    expect(rule?.approvers.map(({ person, through }) => [person.id, through])).toEqual([
      ['ana', ['all → leads']],
      ['mia', ['all']],
    ]);
  });

  it('begin and end when they do', () => {
    const { stages } = of('deploy-prod', { votes: ['gil=approve@+2h', 'fay=approve@+5h'] });
    expect(stages.map(({ from, to }) => [from, to])).toEqual([
      ['2026-11-20T16:30:00Z', '2026-11-20T18:30:00Z'],
      ['2026-11-20T18:30:00Z', '2026-11-20T21:30:00Z'],
      [null, null],
    ]);
  });
});

describe('the timeline', () => {
  it('has everything that time brings, in order', () => {
    const simulation = of('deploy-prod');
    expect(simulation.timeline.map(({ at, what }) => [at.slice(5, 16), what])).toEqual([
      ['11-20T16:30', 'opened'],
      ['11-20T16:30', 'asked'],
      ['11-20T17:30', 'reminder'],
      ['11-20T21:30', 'reminder'],
      ['11-20T22:30', 'escalation'],
      ['11-21T01:30', 'reminder'],
      ['11-23T00:00', 'approversChanged'],
      ['11-23T10:30', 'slaWarning'],
      ['11-23T11:30', 'slaBreach'],
      ['11-23T16:30', 'expired'],
    ]);
    expect(simulation.end).toMatchObject({ status: 'rejected', cause: 'timeout', at: '2026-11-23T16:30:00Z' });
    expect(simulation.silence).toEqual({
      sentence: 'Without a decision it is rejected automatically',
      at: '2026-11-23T16:30:00Z',
    });
    expect(simulation.timezone).toBe('Europe/Lisbon');
  });

  it('says who is told, and where', () => {
    const [opened, asked, reminder] = of('deploy-prod').timeline;
    expect(opened?.tells.map(({ kind, via, channel }) => [kind, via, channel])).toEqual([
      ['surface', 'slack', 'releases'],
      ['surface', 'teams', 'board'],
    ]);
    expect(asked?.tells.map(({ kind, via, person }) => [kind, via, person?.id])).toEqual([
      ['surface', 'slack', 'ana'],
      ['surface', 'teams', 'gil'],
      ['standIn', 'slack', 'cy'],
    ]);
    expect(reminder?.sentence).toBe('Reminded: Ana Silva and Gil Moreau');
    expect(of('deploy-prod').asked.map(({ person, where }) => [person.id, where])).toEqual([
      ['ana', ['slack', 'web']],
      ['gil', ['teams', 'web']],
      ['mia', ['slack', 'web']],
      ['cy', ['slack', 'web']],
    ]);
  });

  it('says what each of them would see', () => {
    const { people } = of('deploy-prod');
    expect(people.map(({ person, notice }) => [person.id, notice === null])).toEqual([
      ['ana', true],
      ['gil', false],
      ['mia', true],
      ['cy', true],
    ]);
    expect(people[0]).toMatchObject({
      progress: expect.stringContaining('Stage 1 of 2, peer review: 0 of 1 approval'),
      actions: expect.arrayContaining(['Approve', 'Reject', 'Delegate']),
    });
    expect(people[1]?.notice).toContain('Cy Tan');
  });

  it('goes another way after a vote', () => {
    const simulation = of('deploy-prod', { votes: ['ana=approve@+30m', 'mia=reject@+1h', 'ben=approve@+2h'] });
    expect(steps(simulation)).toEqual([
      'opened',
      'asked',
      'vote',
      'stagePassed',
      'stageOpened',
      'asked',
      'vote',
      'rejected',
      'refused',
    ]);
    expect(simulation.timeline.at(-1)?.sentence).toBe(
      'The vote of Ben Okoye is refused: This request has already been decided; nothing can be changed any more.',
    );
  });

  it('fills in forms and reasons for a vote that brings none', () => {
    const simulation = of('sampled', { context: { environment: 'production' }, votes: ['mia=canary@+1h'] });
    expect(simulation.end).toMatchObject({ status: 'approved', cause: 'votes' });
    expect(simulation.notes).toContain('Votes without inputs answer the form with samples.');
  });

  it('is short where the gate approves by itself', () => {
    const simulation = of('auto', { context: { amount: 10 } });
    expect(steps(simulation)).toEqual(['opened', 'autoApproved']);
    expect(simulation.stages[0]).toMatchObject({
      applies: false,
      why: 'nobody is asked: context.amount < 50 is true (context.amount is 10)',
    });
    expect(simulation.silence).toBeNull();
  });

  it('of a request without a deadline is looked at for thirty days', () => {
    const simulation = of('endless');
    expect(simulation).toMatchObject({ until: '2026-12-20T16:30:00Z', end: null, request: { expiresAt: null } });
    expect(steps(simulation).filter((what) => what === 'reminder')).toHaveLength(30);
  });

  it('shows what quiet hours keep back, and leaves out what they make useless', () => {
    const quiet = parseConfig(
      YAML.replace('slack: U0ANA,', 'slack: U0ANA, quietHours: "daily 22:00-08:00",').replace(
        'after: 1h, every: 4h, max: 3',
        'after: 7h, every: 1h, max: 2',
      ),
      'countersign.yaml',
      {},
      FRIDAY,
    );
    const late = (simulation: Simulation) =>
      simulation.timeline
        .filter(({ what }) => what === 'reminder')
        .map(({ at, tells }) => [at, tells.filter(({ person }) => person?.id === 'ana').map((tell) => tell.at)]);
    expect(late(of('deploy-prod', {}, quiet))).toEqual([
      ['2026-11-20T23:30:00Z', []],
      ['2026-11-21T00:30:00Z', ['2026-11-21T08:00:00Z']],
    ]);
    const decided = of('deploy-prod', { votes: ['ana=reject@+9h'] }, quiet);
    expect(late(decided).flatMap(([, times]) => times)).toEqual([]);
  });
});

describe('a request that would not open', () => {
  it('says why, and what each rule comes to all the same', () => {
    const simulation = of('sampled', { requester: 'fay', context: { environment: 'production' } });
    expect(simulation).toMatchObject({
      opens: false,
      problem: { code: 'no-approvers', sentence: 'The approvers of this gate resolve to nobody.' },
      timeline: [],
      end: null,
    });
    expect(simulation.stages[0]?.rules[0]?.problems).toEqual(['manager-of:requester leads to nobody']);
  });

  it('says which group can’t be asked', () => {
    const simulation = of('guarded');
    expect(simulation.problem?.code).toBe('directory-unavailable');
    expect(simulation.stages[0]?.rules[0]?.problems).toEqual([
      'oncall can’t be asked here, and while that is so the gate refuses to open',
    ]);
  });

  it('counts what was found wrong before, and overrides that the gate does not let in', () => {
    expect(of('auto', { overrides: { timeout: '1h' } }).problem).toMatchObject({
      code: 'invalid-input',
      errors: [{ path: 'timeout', message: 'the gate auto does not let a request bring its own timeout' }],
    });
    expect(of('auto', { problems: [{ path: 'callback.url', message: 'is bad' }] })).toMatchObject({ opens: false });
    expect(of('adhoc').problem?.errors).toEqual([
      { path: 'approvers', message: 'the gate adhoc asks nobody by itself; bring approvers' },
    ]);
  });
});

describe('why somebody may vote', () => {
  const explained = (explain: string, more: Wishes = {}) => of('deploy-prod', { explain, ...more }).explanation;

  it('is told stage by stage, with the way to them', () => {
    expect(explained('gil')).toMatchObject({
      sentence: 'Gil Moreau may vote in peer review.',
      stages: [
        {
          name: 'peer review',
          mayVote: true,
          rules: [
            { isIn: true, sentence: expect.stringContaining('through release-managers, standing in for Cy Tan') },
          ],
        },
        { name: 'change board', mayVote: false, rules: [{ isIn: false, sentence: 'is not among change-board' }] },
      ],
    });
    expect(explained('mia')).toMatchObject({
      sentence: 'Mia Chen may vote in change board.',
      bypass: 'may bypass it, with a reason; it is announced and reviewed afterwards',
    });
  });

  it('is told in the words of the refusal', () => {
    expect(explained('ben')?.stages[0]).toMatchObject({
      mayVote: false,
      sentence: 'would be told: You asked for this, so somebody else has to decide it.',
      rules: [{ sentence: 'is named, but asks for it, and nobody approves their own request here' }],
    });
    expect(explained('cy')?.stages[0]?.rules[0]?.sentence).toBe('is named, but is away; Gil Moreau stands in');
    expect(explained('zoe')?.sentence).toBe('zoe is not in the directory, so they may do nothing.');
    expect(of('guarded', { explain: 'ana' }).explanation?.sentence).toBe(
      'The request does not open, so nobody may vote.',
    );
  });
});

describe('a first look', () => {
  it('has a sample of what the gate’s expressions look at', () => {
    expect(sampleContext(gateOf('deploy-prod'))).toEqual({
      risk: 7,
      region: 'eu',
      personalData: true,
      service: 'service',
      version: 'version',
    });
    expect(sampleContext(gateOf('sampled'))).toEqual({ size: 11, environment: 'other' });
    expect(sampleContext(gateOf('auto'))).toEqual({ amount: 50 });
  });

  it('names a requester only where the gate needs one', () => {
    expect(sampleRequester(gateOf('sampled'), config.directory)).toBe('ana');
    expect(sampleRequester(gateOf('auto'), config.directory)).toBeNull();
  });

  it('opens at every gate whose people can be asked', () => {
    for (const gate of config.gates.values()) {
      const isOpen = gate.stages.length > 0 && gate.name !== 'guarded';
      expect([gate.name, answerForm(config, gate, null, FRIDAY).simulation?.opens]).toEqual([gate.name, isOpen]);
    }
  });

  it('says what was typed wrong, field by field', () => {
    const form = { context: '{', requester: 'zoe', at: 'tomorrow', votes: '', explain: '' };
    const { simulation, errors } = answerForm(config, gateOf('auto'), form, FRIDAY);
    expect(simulation).toBeNull();
    expect(errors.map(({ path }) => path)).toEqual(['context', 'at', 'requester']);
    const votes = {
      ...form,
      context: '',
      requester: '',
      at: '2026-11-20T16:30',
      votes: 'ana=approve\nana=approve@+1h',
    };
    expect(answerForm(config, gateOf('auto'), votes, FRIDAY).errors).toEqual([
      { path: 'votes', message: 'must be PERSON=OPTION@WHEN, such as ana=approve@+1h' },
    ]);
  });
});
