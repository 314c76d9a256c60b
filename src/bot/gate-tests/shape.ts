/**
 * src/bot/gate-tests/shape.ts: what a file of gate tests may look like, as zod schemas without transforms. What names
 * and moments in it mean is worked out afterwards, with the config at hand.
 */
import { z } from 'zod';
import { ConfigShape } from '../config/index.ts';
import { NoticePayload } from '../dispatch/payload.ts';
import { OpenBody } from '../http/schemas.ts';

/** Most tests in one file, steps of one test, and entries of one list of expectations. */
const MAX_TESTS = 5000;
const MAX_STEPS = 200;
const MAX_EXPECTED = 200;

const MAX_NAME = 64;
const text = (max: number) => z.string().min(1).max(max);
const name = text(MAX_NAME);
const names = z.array(name).max(1000);
const span = z.union([z.string().max(60), z.number()], { error: 'must be a duration like "10m", "1d 4h" or 90' });
const moment = z.union([z.string().max(60), z.number()], {
  error: 'must be a time since the opening ("+1h") or a moment (2026-03-02T09:00:00Z)',
});
const reasonOrTrue = z.union([text(3000), z.literal(true)], { error: 'must be a reason, or true' });

/** How a message of each kind is called: `request` shows it with its buttons, the others are notices. */
export const MESSAGE_KINDS: readonly string[] = [
  'request',
  ...NoticePayload.unwrap()
    .shape.notice.unwrap()
    .shape.kind.options.filter((kind) => kind !== 'history'),
];

const members = z.union([z.array(text(300)).max(1000), z.literal('unavailable')], {
  error: 'must be a list of names, or "unavailable"',
});
const cast = {
  people: ConfigShape.shape.people.unwrap().unwrap().optional(),
  groups: z.record(name, members).optional(),
};

/** What the pipeline sends, as in the body of POST /v1/requests, and how people and groups differ from the config. */
const given = OpenBody.omit({ gate: true, supersedes: true }).extend({
  requester: z
    .union([name, z.strictObject({ email: text(320) })], {
      error: 'must be the name of a person, { email }, or ~ for nobody',
    })
    .nullish(),
  context: z.json().optional(),
  pipeline: name.optional(),
  ...cast,
});
export type GivenShape = z.infer<typeof given>;

const telling = z.strictObject({
  at: moment.optional(),
  kind: z.enum(MESSAGE_KINDS).optional(),
  to: z.union([name, names.min(1)], { error: 'must be a name, or a list of names' }).optional(),
  times: z.int().min(0).max(1000).optional(),
});
export type TellingShape = z.infer<typeof telling>;

const call = z.union([text(2100), z.strictObject({ call: text(2100), body: z.json().optional() })], {
  error: 'must be a call like "POST https://ci.acme.dev/rollback", or { call, body }',
});

const then = z.strictObject({
  refused: name.optional(),
  status: z.enum(['pending', 'approved', 'rejected', 'cancelled']).optional(),
  at: moment.optional(),
  cause: z.enum(['votes', 'timeout', 'auto', 'bypass', 'cancelled', 'superseded', 'orphaned']).optional(),
  option: name.optional(),
  by: names.optional(),
  reason: z.string().max(3000).optional(),
  inputs: z.record(z.string(), z.json()).optional(),
  title: text(1000).optional(),
  asked: z
    .union([names, z.record(z.string(), names)], { error: 'must be a list of names, or a list for each stage' })
    .optional(),
  notAsked: names.min(1).optional(),
  waitingFor: names.optional(),
  votes: z.record(name, name).optional(),
  skipped: z.array(text(100)).max(20).optional(),
  stages: z.record(z.string(), z.enum(['waiting', 'open', 'passed', 'skipped', 'rejected'])).optional(),
  held: z.union([z.boolean(), moment], { error: 'must be true, false or a moment' }).optional(),
  paused: z.boolean().optional(),
  deadline: moment.optional(),
  sla: z.enum(['met', 'warned', 'breached']).optional(),
  told: z.array(telling).min(1).max(MAX_EXPECTED).optional(),
  never: z.array(telling).min(1).max(MAX_EXPECTED).optional(),
  calls: z.array(call).max(MAX_EXPECTED).optional(),
});
export type ThenShape = z.infer<typeof then>;

// biome-ignore lint/suspicious/noThenProperty: the word that tests are written with; nothing awaits these
const checks = { then: then.optional() };

/** What somebody can do, one in a step. */
const actions = {
  vote: name.optional(),
  withdraw: z.literal(true).optional(),
  comment: text(10_000).optional(),
  ask: text(10_000).optional(),
  answer: text(10_000).optional(),
  delegate: name.optional(),
  reassign: z.strictObject({ from: name, to: name }).optional(),
  snooze: moment.optional(),
  pause: reasonOrTrue.optional(),
  resume: z.literal(true).optional(),
  cancel: reasonOrTrue.optional(),
  supersede: z.literal(true).optional(),
  bypass: reasonOrTrue.optional(),
  review: reasonOrTrue.optional(),
  heartbeat: z.literal(true).optional(),
  nudge: z.literal(true).optional(),
};
export type ActionName = keyof typeof actions;

const step = z.strictObject({
  after: span.optional(),
  at: moment.optional(),
  person: name.optional(),
  ...actions,
  reason: z.string().max(3000).optional(),
  inputs: z.record(z.string(), z.json()).optional(),
  change: z.literal(true).optional(),
  scope: z.enum(['gate', 'pipeline', 'everything']).optional(),
  clocks: z.literal('run').optional(),
  refused: name.optional(),
  gone: names.min(1).optional(),
  ...cast,
  ...checks,
});
export type StepShape = z.infer<typeof step>;

const test = z.strictObject({
  name: text(300),
  gate: name.optional(),
  at: text(60).optional(),
  given: given.optional(),
  when: z.array(step).max(MAX_STEPS).optional(),
  ...checks,
});
export type TestShape = z.infer<typeof test>;

export const FileShape = z.strictObject({
  config: text(1000).optional(),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a variable'), z.string()).optional(),
  at: text(60).optional(),
  gate: name.optional(),
  given: given.optional(),
  tests: z.array(test).min(1, 'must hold at least one test').max(MAX_TESTS),
});
export type FileShape = z.infer<typeof FileShape>;

const known = (word: string): word is ActionName => Object.hasOwn(actions, word);
export const ACTIONS: readonly ActionName[] = Object.keys(actions).filter(known);
