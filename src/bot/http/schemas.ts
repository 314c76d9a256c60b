/**
 * src/bot/http/schemas.ts: what the API takes and gives, as zod: one schema is the check, the type and the OpenAPI text.
 */
import { z } from 'zod';
import { overrideShape } from '../config/index.ts';
import { COUNT, KEY_LENGTH, PAGE, TEXT, WAIT_SECONDS } from '../limits.ts';

const text = (max: number) => z.string().trim().min(1).max(max);
const webAddress = text(TEXT.url).describe('An http(s) URL');
const person = text(TEXT.label).describe("A person's name in the directory");
const reason = z.string().max(TEXT.reason).optional();
const duration = z
  .union([z.string().max(40), z.number()])
  .describe('"90s", "30m", "24h", "7d", ISO 8601 ("PT24H") or a number of seconds');

/** A number in a query is written in digits alone: what else JavaScript takes for one (nothing, 0x10, 1e1) is a slip. */
const digits = (number: z.ZodInt) =>
  z.preprocess((text) => (typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : text), number);

export const OpenBody = z
  .strictObject({
    gate: text(TEXT.label).describe('A gate of the config, or `adhoc`'),
    title: text(TEXT.title).optional(),
    description: z.string().max(TEXT.description).optional().describe('Markdown'),
    requester: z.union([person, z.strictObject({ email: text(320) })]).optional(),
    context: z.unknown().optional().describe('Any JSON: what expressions see as `context`'),
    fields: z
      .array(z.strictObject({ label: text(TEXT.label), value: z.string().max(TEXT.value) }))
      .max(COUNT.fields)
      .optional(),
    artifacts: z
      .array(z.strictObject({ name: text(TEXT.label), url: webAddress, digest: text(TEXT.label).optional() }))
      .max(COUNT.artifacts)
      .optional(),
    subject: z
      .strictObject({ name: text(TEXT.label), digest: text(TEXT.label).optional(), url: webAddress.optional() })
      .optional(),
    callback: z.strictObject({ url: webAddress }).optional(),
    supersedes: text(KEY_LENGTH).optional().describe('An older pending request with this key is cancelled'),
    heartbeat: duration.optional().describe('The request is cancelled as orphaned when no beat comes for this long'),
    ...overrideShape,
  })
  .meta({ id: 'OpenRequest' });
export type OpenBody = z.infer<typeof OpenBody>;

export const IdParams = z.strictObject({ id: z.string().max(100) });
export const VoteParams = IdParams.extend({ person: z.string().max(TEXT.label) });
export const DeliveryParams = z.strictObject({ id: z.string().max(100) });

export const ListQuery = z.strictObject({
  status: z.enum(['pending', 'approved', 'rejected', 'cancelled']).optional(),
  gate: text(TEXT.label).optional(),
  approver: person.optional().describe('Pending requests that wait for this person'),
  q: text(TEXT.label).optional().describe('Part of the title'),
  cursor: text(100).optional(),
  limit: digits(z.int().min(1).max(PAGE.max)).default(PAGE.default),
});

export const GateQuery = z.strictObject({
  wait: digits(z.int().min(0))
    .default(0)
    .transform((asked) => Math.min(asked, WAIT_SECONDS))
    .describe(`Holds the answer until it is decided, for so many seconds, and for no more than ${WAIT_SECONDS}`),
  pending: z.enum(['202', '503', '404', '200']).default('202'),
  rejected: z.enum(['403', '200']).default('403'),
});

export const VoteBody = z
  .strictObject({
    person,
    option: text(TEXT.label),
    reason,
    inputs: z.record(z.string().max(TEXT.label), z.unknown()).optional(),
    change: z.boolean().optional().describe('Replaces the vote that the person has cast'),
  })
  .meta({ id: 'Vote' });
export const ReasonBody = z.strictObject({ reason }).nullish();
export const PauseBody = z
  .strictObject({
    reason,
    clocks: z
      .enum(['stop', 'run'])
      .optional()
      .describe('`run`: the deadline and the target time run on; by default what the config says'),
  })
  .nullish();
export const CommentBody = z.strictObject({ text: z.string().max(TEXT.comment), person: person.optional() });
export const SnoozeBody = z.strictObject({
  person,
  until: z.iso.datetime({ offset: true }).optional(),
  for: duration.optional(),
});
export const HandOverBody = z.strictObject({ from: person, to: person, reason });
export const BypassBody = z.strictObject({ person, reason });
export const InformationBody = z.strictObject({ person, question: z.string().max(TEXT.comment) });
export const AnswerBody = z.strictObject({ answer: z.string().max(TEXT.comment), person: person.optional() });
export const ReviewBody = z.strictObject({ person, note: z.string().max(TEXT.reason).optional() });
export const EmptyBody = z.strictObject({}).nullish();
export const DeliveriesQuery = z.strictObject({
  state: z.enum(['queued', 'sending', 'sent', 'failed', 'dead']).optional(),
  request: text(100).optional(),
  limit: digits(z.int().min(1).max(PAGE.max)).default(PAGE.default),
});

/** What a route answers, for OpenAPI only: our own types say what is sent, so the compiler need not compare the two. */
export const answers = (byStatus: Readonly<Record<number, z.ZodType>>): Record<number, z.ZodType> => ({ ...byStatus });

const Instant = z.iso.datetime();
const Status = z.enum(['pending', 'approved', 'rejected', 'cancelled']);

const Outcome = z
  .object({
    status: z.enum(['approved', 'rejected', 'cancelled']),
    cause: z.enum(['votes', 'timeout', 'auto', 'bypass', 'cancelled', 'superseded', 'orphaned']),
    option: z.string().nullable(),
    inputs: z.record(z.string(), z.unknown()),
    reason: z.string().nullable(),
    decidedBy: z.array(z.string()),
    decidedAt: Instant,
  })
  .meta({ id: 'Outcome' });

const Via = z.enum(['slack', 'teams', 'email', 'web', 'api', 'cli']);
export const Actor = z.union([
  z.object({ kind: z.literal('person'), person: z.string(), via: Via, pipeline: z.string().nullable() }),
  z.object({ kind: z.literal('pipeline'), pipeline: z.string() }),
]);
const DeliveryKind = z.enum(['surface', 'notice', 'callback', 'action']);
const StageState = z.enum(['waiting', 'open', 'passed', 'skipped', 'rejected']);

export const Request = z
  .object({
    id: z.string(),
    gate: z.string(),
    pipeline: z.string(),
    status: Status,
    version: z.number().int(),
    title: z.string(),
    description: z.string().nullable(),
    requester: z.string().nullable(),
    context: z.unknown(),
    fields: z.array(z.object({ label: z.string(), value: z.string() })),
    artifacts: z.array(z.object({ name: z.string(), url: z.string(), digest: z.string().nullable() })),
    subject: z.object({ name: z.string(), digest: z.string().nullable(), url: z.string().nullable() }).nullable(),
    digest: z.string().describe('`sha256:…` over all that was asked and the gate: what the receipt vouches for'),
    openedAt: Instant,
    expiresAt: Instant.nullable(),
    paused: z.boolean(),
    pauses: z
      .array(
        z.object({
          scope: z.enum(['request', 'gate', 'pipeline', 'everything']).describe('What was paused'),
          by: Actor,
          reason: z.string().nullable(),
          at: Instant,
          clocks: z.enum(['stop', 'run']).describe('Whether the deadline and the target time stand still'),
        }),
      )
      .describe('All that stand, the longest standing first'),
    heldUntil: Instant.nullable().describe('Decided, and takes effect when the freeze or the pause ends'),
    stages: z.array(
      z.object({
        name: z.string(),
        state: StageState,
        rules: z.array(
          z.object({
            approvers: z.array(z.string()),
            needed: z.number().int(),
            approvals: z.number().int(),
            rejections: z.number().int(),
            missing: z.array(z.string()),
            state: z.enum(['waiting', 'open', 'passed', 'rejected']),
          }),
        ),
      }),
    ),
    options: z.array(
      z.object({
        id: z.string(),
        label: z.string(),
        outcome: z.enum(['approved', 'rejected']),
        style: z.enum(['primary', 'danger']).nullable(),
      }),
    ),
    form: z.array(z.looseObject({ id: z.string(), type: z.string(), label: z.string(), required: z.boolean() })),
    requireReason: z.array(z.string()),
    onTimeout: z.string(),
    votes: z.array(
      z.object({
        person: z.string(),
        stage: z.string().nullable(),
        option: z.string(),
        outcome: z.enum(['approved', 'rejected']),
        via: Via,
        pipeline: z.string().nullable(),
        reason: z.string().nullable(),
        inputs: z.record(z.string(), z.unknown()),
        onBehalfOf: z.string().nullable(),
        counts: z.boolean(),
        at: Instant,
      }),
    ),
    comments: z.array(z.object({ by: Actor, text: z.string(), at: Instant })),
    information: z.array(
      z.object({
        by: z.string(),
        question: z.string(),
        at: Instant,
        answer: z.object({ by: Actor, text: z.string(), at: Instant }).nullable(),
      }),
    ),
    escalations: z.array(
      z.object({
        stage: z.string().nullable(),
        people: z.array(z.string()),
        mode: z.enum(['add', 'replace']),
        step: z.object({ number: z.int(), of: z.int() }).nullable().describe('Which step of the gate’s chain, from 1'),
        cause: z.literal('sla').nullable().describe('`sla`: it came with the missed target time'),
        at: Instant,
      }),
    ),
    undelivered: z
      .array(
        z.object({
          kind: DeliveryKind,
          channel: z.string(),
          error: z.string(),
          unheard: z.literal(true).optional().describe('It was the last message about the request; nobody was told'),
          at: Instant,
        }),
      )
      .describe('What was to go out and could not be delivered'),
    outcome: Outcome.nullable(),
    afterReview: z
      .union([z.literal('due'), z.object({ by: z.string(), note: z.string().nullable(), at: Instant })])
      .nullable(),
    links: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Request' });

export const RequestList = z
  .object({ requests: z.array(Request), cursor: z.string().nullable() })
  .meta({ id: 'RequestList' });

export const ProblemBody = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string().optional(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

export const Trail = z.object({
  events: z.array(z.looseObject({ version: z.int(), type: z.string(), at: Instant, hash: z.string() })),
});
export const Receipt = z.object({ receipt: z.string(), claims: z.looseObject({ sub: z.string(), outcome: Outcome }) });
export const Keys = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string(), alg: z.string() })) });
export const WhoAmI = z.object({ pipeline: z.string(), may: z.array(z.string()), gates: z.array(z.string()) });
const DeliveryStates = z.enum(['queued', 'sending', 'sent', 'failed', 'dead']);
export const DeliveryList = z.object({
  deliveries: z.array(
    z.object({
      id: z.string(),
      request: z.string(),
      kind: DeliveryKind,
      channel: z.string(),
      target: z.string(),
      state: DeliveryStates,
      attempts: z.int(),
      createdAt: Instant,
      dueAt: Instant,
      lastError: z.string().nullable(),
    }),
  ),
});
export const Requeued = z.object({ id: z.string(), state: DeliveryStates });
export const Health = z.looseObject({ status: z.string() });
