/**
 * src/bot/config/shape.ts: what countersign.yaml may look like, as zod schemas without transforms, so that the parts a
 * request may bring are also its JSON Schema. What they mean is worked out afterwards, where names can be looked up.
 */
import { z } from 'zod';
import { SECRETS } from '../../adapters/callback/limits.ts';
import { OVERRIDES } from '../../engine/definition.ts';

const MAX_NAME = 64;
const text = (max: number) => z.string().min(1).max(max);
export const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    `must be a name: letters, digits, ".", "_" and "-", at most ${MAX_NAME}, beginning with a letter or digit`,
  );
const expression = text(2000).describe('A CEL expression');
const duration = z
  .union([z.string().max(40), z.number()], { error: 'must be a duration like "90s", "30m", "24h" or "PT24H"' })
  .describe('"90s", "30m", "24h", "7d", ISO 8601 or a number of seconds');
const references = z.array(text(300)).min(1, 'must name somebody').max(200);
const QUORUM_FORM = 'must be a number, "all", "majority" or a percentage like "60%"';
const quorum = z
  .union([z.int().min(1).max(1000), z.string().regex(/^(all|majority|\d{1,3}(\.\d{1,2})?%)$/, QUORUM_FORM)], {
    error: QUORUM_FORM,
  })
  .describe('A number, "all", "majority" or a percentage like "60%"');
const notify = z.array(text(MAX_NAME)).max(20);

const rule = z.strictObject({ approvers: references, quorum: quorum.optional() });
const stage = z.strictObject({
  name: text(100).optional(),
  when: expression.optional(),
  approvers: references.optional(),
  quorum: quorum.optional(),
  rules: z.array(rule).min(1).max(20).optional(),
});
const option = z.strictObject({
  id: name,
  label: text(75),
  outcome: z.enum(['approved', 'rejected']),
  style: z.enum(['primary', 'danger']).optional(),
});
const field = z.strictObject({
  id: name,
  type: z.enum(['text', 'email', 'url', 'number', 'select', 'multiselect', 'date', 'checkbox']),
  label: text(150).optional(),
  help: text(500).optional(),
  required: z.boolean().optional(),
  when: expression.optional(),
  pattern: text(500).optional(),
  multiline: z.boolean().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  options: z.array(text(150)).min(1).max(100).optional(),
});
const stages = z.array(stage).min(1).max(20);
const options = z.array(option).min(2, 'must offer at least one option to approve and one to reject').max(20);
const form = z.array(field).max(30);
const timeout = duration.describe('A duration, or "never"');
const onTimeout = text(MAX_NAME).describe('"reject", "approve" or an option’s id');

/** What a request may bring itself, where its gate allows that. Translated by `applyOverrides`. */
export const overrideShape = {
  approvers: references.optional(),
  quorum: quorum.optional(),
  stages: stages.optional(),
  timeout: timeout.optional(),
  onTimeout: onTimeout.optional(),
  form: form.optional(),
  options: options.optional(),
  notify: notify.optional(),
};
const Overrides = z.strictObject(overrideShape);
export type Overrides = z.infer<typeof Overrides>;

const action = z.strictObject({
  action: z.literal('http'),
  url: text(2000),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
  headers: z.record(z.string(), z.string().max(2000)).optional(),
  body: z.json().optional(),
});
const actions = z.array(action).max(10).optional();

const gate = z.strictObject({
  title: text(1000).optional(),
  description: text(10_000).optional(),
  autoApproveIf: expression.optional(),
  rejection: z.enum(['veto', 'threshold']).optional(),
  selfApproval: z.enum(['forbid', 'forbidIfKnown', 'allow']).optional(),
  distinct: z.enum(['stage', 'request', 'off']).optional(),
  assurance: z.enum(['standard', 'high']).optional(),
  freeze: z.strictObject({ calendar: text(MAX_NAME), outside: z.literal('hold').optional() }).optional(),
  requireReason: z.array(text(MAX_NAME)).max(30).optional(),
  remind: z
    .strictObject({ after: duration, every: duration.optional(), max: z.int().min(1).max(1000).optional() })
    .optional(),
  escalate: z
    .array(z.strictObject({ after: duration, to: references, mode: z.enum(['add', 'replace']).optional() }))
    .max(20)
    .optional(),
  sla: z
    .strictObject({
      target: duration,
      warnAt: duration.optional(),
      calendar: text(MAX_NAME).optional(),
      escalate: references.optional(),
    })
    .optional(),
  bypass: z.strictObject({ by: references }).optional(),
  onApproved: actions,
  onRejected: actions,
  onCancelled: actions,
  retention: duration.optional(),
  fallback: notify.optional(),
  owners: references.optional(),
  overrides: z.array(z.enum(OVERRIDES)).optional(),
  ...overrideShape,
});
export type GateShape = z.infer<typeof gate>;
export type StageShape = z.infer<typeof stage>;
export type FieldShape = z.infer<typeof field>;
export type ActionShape = z.infer<typeof action>;

const texts = z.union([text(300), z.array(text(300)).max(1000)], { error: 'must be text, or a list of texts' });
const absence = z.strictObject({ from: text(40), to: text(40), delegate: text(MAX_NAME).optional() });
export const person = z.strictObject({
  name: text(200).optional(),
  email: text(300).optional(),
  slack: text(100).optional(),
  teams: text(150).optional(),
  manager: text(MAX_NAME).optional(),
  timezone: text(100).optional(),
  away: z
    .union([absence, z.array(absence).max(100)], { error: 'must be { from, to, delegate } or a list of these' })
    .optional(),
  /** Stands in whenever an absence names nobody. */
  delegate: text(MAX_NAME).optional(),
  quietHours: texts.optional(),
  /** An address of an iCalendar feed: a secret. */
  calendar: z.string().optional(),
});
export type PersonShape = z.infer<typeof person>;

/** Groups whose members somebody else keeps. */
const source = z.strictObject({
  slackUsergroup: text(100).optional(),
  teamsTeam: text(200).optional(),
  http: z
    .strictObject({
      /** It and the headers may hold secrets, so nothing of them is said in a problem but where it is. */
      url: z.string(),
      cache: duration.optional(),
      staleFor: duration.optional(),
      headers: z.record(z.string(), z.string().max(2000)).optional(),
      members: expression.optional(),
    })
    .optional(),
  file: z.strictObject({ path: text(1000), column: text(100).optional() }).optional(),
});
const group = z.union([references, source], {
  error: 'must be a list of names, or a source such as { slackUsergroup: S… }',
});
export type GroupShape = z.infer<typeof group>;

const channel = z.strictObject({
  slack: text(100).optional(),
  teams: text(300).optional(),
  email: text(300).optional(),
});
export type ChannelShape = z.infer<typeof channel>;

/** Secrets, so nothing of them is said in a problem but where it is. */
const slack = z.strictObject({
  workspaces: z
    .record(z.string(), z.strictObject({ botToken: z.string(), signingSecret: z.string().optional() }))
    .nullish(),
});
export type SlackShape = z.infer<typeof slack>;

/** Only for clouds of Microsoft's that are not its public one. */
const teams = z.strictObject({
  cloud: z.enum(['public', 'usGovernment']).optional(),
  serviceOrigins: z.array(text(300)).max(20).optional(),
  endpoints: z
    .strictObject({ login: text(300), scope: text(300), issuer: text(300), openIdMetadata: text(300) })
    .optional(),
});
export type TeamsShape = z.infer<typeof teams>;

const secrets = (most: number) =>
  z.union([z.string(), z.array(z.string()).min(1).max(most)], {
    error: `must be text, or a list of 1 to ${most} texts`,
  });
const pipeline = z.strictObject({
  token: secrets(10),
  gates: z.array(text(100)).min(1, 'must name at least one gate').max(200),
  callbackSecret: secrets(SECRETS).optional(),
  callbacks: z.array(text(2000)).min(1).max(100).optional(),
  may: z.array(z.enum(['vote', 'bypass', 'reassign', 'pause', 'stats'])).optional(),
});
export type PipelineShape = z.infer<typeof pipeline>;

const calendar = z.strictObject({ timezone: text(100), hours: texts, holidays: texts.optional() });
export type CalendarShape = z.infer<typeof calendar>;

export const ConfigShape = z.strictObject({
  admins: references.nullish(),
  directory: z.strictObject({ file: text(1000).optional(), noManager: references.optional() }).nullish(),
  people: z.record(name, person).nullish(),
  groups: z.record(name, group).nullish(),
  channels: z.record(name, channel).nullish(),
  pipelines: z.record(name, pipeline).nullish(),
  calendars: z.record(name, calendar).nullish(),
  defaults: z
    .strictObject({
      timeout: timeout.optional(),
      notify: notify.optional(),
      fallback: notify.optional(),
      pauseClocks: z.enum(['stop', 'run']).optional(),
    })
    .nullish(),
  slack: slack.nullish(),
  teams: teams.nullish(),
  gates: z.record(name, gate).nullish(),
});
export type ConfigShape = z.infer<typeof ConfigShape>;
