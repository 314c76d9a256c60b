/** test/adapters/slack/render/anything.ts: requests full of what nobody expects, for properties. */
import fc from 'fast-check';
import type { FieldDefinition } from '../../../../src/engine/definition.ts';
import type { ActionView, RequestView, StageView, VoteView } from '../../../../src/engine/view.ts';
import { now } from './samples.ts';

const NASTY = [
  '',
  ' \n\t ',
  '<!channel> <!here> <!subteam^S1> <@U0ANA> <#C0X>',
  '@channel #general @here',
  '<https://evil.example|https://ci.acme.dev>',
  '[plan](https://evil.example/a|b>c) **bold** `code` ```\nfence\n```',
  '&amp;&lt;&gt; & < > &',
  ':white_check_mark: *Approved by Ana Silva* · Today',
  '> ✅ *Approved by Ana Silva*\n✓ *Mia Chen* approved',
  '*bold* _italic_ ~struck~ `code` ``` | ¦',
  '\u202egnp.exe \u2066\u200b\u00ad\ufeff hidden',
  'עברית العربية 日本語 👩‍👩‍👧‍👦🏳️‍🌈',
  '\0\u0007\u001b[31m',
  '\ud800 half \udc00',
  'javascript:alert(1)',
  'e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301',
];

const longOnes = ['x', '<', '&', '👩‍👩‍👧‍👦', '\u202e', 'ab\n', '`', '*', '- a\n', '| a '].map((text) =>
  text.repeat(Math.ceil(10_000 / text.length)),
);

export const anyText = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.constantFrom(...longOnes),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
const maybeText = fc.option(anyText, { nil: null });
const anyInstant = fc.oneof(fc.constant(now), fc.integer({ min: 0, max: 253_402_300_799_000 }));
const anyUrl = fc.oneof(
  anyText,
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.constant(`https://a.example/${'y'.repeat(1900)}`),
  fc.constant('https://a.example/?a|b&c=<d>'),
);

const person = fc.record({ id: fc.constant('ana'), name: anyText });
const people = (most: number) => fc.array(person, { maxLength: most });
const pairs = (most: number) => fc.array(fc.record({ label: anyText, value: anyText }), { maxLength: most });
const verdict = fc.constantFrom('approved' as const, 'rejected' as const);

const anyVote: fc.Arbitrary<VoteView> = fc.record({
  person,
  onBehalfOf: fc.option(person, { nil: null }),
  option: fc.constantFrom('approve', 'reject', 'canary'),
  optionLabel: anyText,
  outcome: verdict,
  reason: maybeText,
  inputs: pairs(30),
  via: fc.constantFrom('slack', 'teams', 'email', 'web', 'api', 'cli'),
  pipeline: maybeText,
  at: anyInstant,
  counts: fc.boolean(),
});

const anyStage: fc.Arbitrary<StageView> = fc.record({
  name: anyText,
  state: fc.constantFrom('waiting', 'open', 'passed', 'skipped', 'rejected'),
  rules: fc.array(
    fc.record({
      needed: fc.nat(500),
      approvals: fc.nat(500),
      rejections: fc.nat(3),
      state: fc.constantFrom('waiting', 'open', 'passed', 'rejected'),
      approvers: people(2),
      missing: fc.oneof(
        people(3),
        fc.constant(Array.from({ length: 400 }, (_, i) => ({ id: `p${i}`, name: `Person ${i}` }))),
      ),
    }),
    { maxLength: 5 },
  ),
  votes: fc.array(anyVote, { maxLength: 12 }),
});

const base = { label: anyText, help: maybeText, required: fc.boolean(), when: fc.constant(null) };
const choices = fc.uniqueArray(anyText, { minLength: 1, maxLength: 100 });
const bound = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: null });
/** Ids come later, since they must differ. */
const anyField: fc.Arbitrary<FieldDefinition> = fc.oneof(
  fc.record({
    ...base,
    id: fc.constant(''),
    type: fc.constant('text' as const),
    pattern: maybeText,
    multiline: fc.boolean(),
  }),
  fc.record({
    ...base,
    id: fc.constant(''),
    type: fc.constantFrom('email' as const, 'url' as const),
    pattern: maybeText,
  }),
  fc.record({ ...base, id: fc.constant(''), type: fc.constant('number' as const), min: bound, max: bound }),
  fc.record({
    ...base,
    id: fc.constant(''),
    type: fc.constantFrom('select' as const, 'multiselect' as const),
    options: choices,
  }),
  fc.record({ ...base, id: fc.constant(''), type: fc.constantFrom('date' as const) }),
  fc.record({ ...base, id: fc.constant(''), type: fc.constantFrom('checkbox' as const) }),
);

const anyAction = (kind: 'vote' | 'changeVote'): fc.Arbitrary<ActionView> =>
  fc.record({
    kind: fc.constant(kind),
    option: fc.constant(''),
    label: anyText,
    style: fc.constantFrom('primary', 'danger', null),
    outcome: verdict,
    form: fc.record({
      reason: fc.constantFrom('required', 'optional'),
      fields: fc
        .array(anyField, { maxLength: 30 })
        .map((fields) => fields.map((field, i): FieldDefinition => ({ ...field, id: `field${i}` }))),
    }),
    confirm: maybeText,
    replaces: fc.constant(kind === 'vote' ? null : 3),
  });

const STEPS: readonly ActionView[] = [
  { kind: 'withdrawVote', label: 'Withdraw my vote', replaces: 3 },
  { kind: 'comment', label: 'Comment' },
  { kind: 'requestInformation', label: 'Ask for information' },
  { kind: 'returnInformation', label: 'Answer' },
  { kind: 'delegate', label: 'Delegate' },
  { kind: 'snooze', label: 'Snooze' },
  { kind: 'cancel', label: 'Cancel the request' },
  { kind: 'nudge', label: 'Ask again' },
  { kind: 'bypass', label: 'Bypass', confirm: 'x'.repeat(4000) },
  { kind: 'reviewBypass', label: 'Acknowledge the review' },
];

const anyActions: fc.Arbitrary<readonly ActionView[]> = fc
  .record({
    votes: fc.oneof(
      fc.array(anyAction('vote'), { maxLength: 20 }),
      fc.array(anyAction('changeVote'), { maxLength: 20 }),
    ),
    steps: fc.subarray([...STEPS]),
  })
  .map(({ votes, steps }) => [
    ...votes.map((vote, i): ActionView => ('option' in vote ? { ...vote, option: `option${i}` } : vote)),
    ...steps,
  ]);

const sentenceAt = fc.record({ sentence: anyText, at: anyInstant });

export const anyView: fc.Arbitrary<RequestView> = fc.record({
  id: fc.constant('req_01JD8QZ6V3M0F7'),
  version: fc.nat(),
  gate: anyText,
  title: anyText,
  status: fc.constantFrom('pending', 'approved', 'rejected', 'cancelled'),
  description: maybeText,
  requester: fc.option(person, { nil: null }),
  pipeline: anyText,
  facts: pairs(50),
  subject: fc.option(fc.record({ name: anyText, digest: maybeText, url: fc.option(anyUrl, { nil: null }) }), {
    nil: null,
  }),
  artifacts: fc.array(fc.record({ name: anyText, url: anyUrl, digest: maybeText }), { maxLength: 50 }),
  digest: anyText,
  openedAt: anyInstant,
  expiresAt: fc.option(anyInstant, { nil: null }),
  stages: fc.array(anyStage, { maxLength: 20 }),
  progress: anyText,
  silence: fc.option(fc.record({ sentence: anyText, at: fc.option(anyInstant, { nil: null }) }), { nil: null }),
  paused: fc.option(sentenceAt, { nil: null }),
  held: fc.option(fc.record({ sentence: anyText, until: anyInstant }), { nil: null }),
  sla: fc.constantFrom('met', 'warned', 'breached', null),
  comments: fc.array(fc.record({ by: anyText, text: anyText, at: anyInstant }), { maxLength: 60 }),
  information: fc.array(
    fc.record({
      by: person,
      question: anyText,
      at: anyInstant,
      answer: fc.option(fc.record({ by: anyText, text: anyText, at: anyInstant }), { nil: null }),
    }),
    { maxLength: 20 },
  ),
  escalations: fc.array(
    fc.record(
      {
        people: people(30),
        mode: fc.constantFrom('add' as const, 'replace' as const),
        at: anyInstant,
        step: fc.constant({ number: 1, of: 20 }),
        cause: fc.constant('sla' as const),
      },
      { requiredKeys: ['people', 'mode', 'at'] },
    ),
    { maxLength: 8 },
  ),
  undelivered: fc.array(sentenceAt, { maxLength: 20 }),
  outcome: fc.option(
    fc.record({
      status: fc.constantFrom('approved' as const, 'rejected' as const, 'cancelled' as const),
      cause: fc.constantFrom('votes', 'timeout', 'auto', 'bypass', 'cancelled', 'superseded', 'orphaned'),
      sentence: anyText,
      optionLabel: maybeText,
      decidedBy: people(10),
      reason: maybeText,
      inputs: pairs(30),
      at: anyInstant,
      afterReview: fc.oneof(
        fc.constantFrom('due' as const, null),
        fc.record({ by: person, note: maybeText, at: anyInstant }),
      ),
    }),
    { nil: null },
  ),
  myVote: fc.option(anyVote, { nil: null }),
  actions: anyActions,
  notice: maybeText,
  mustReview: fc.boolean(),
});
