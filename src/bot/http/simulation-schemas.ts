/** src/bot/http/simulation-schemas.ts: what POST /v1/simulate takes and gives, as zod. */
import { z } from 'zod';
import { TEXT } from '../limits.ts';
import { MAX_VOTES } from '../rehearsal/simulate.ts';
import { OpenBody } from './schemas.ts';

const name = z.string().trim().min(1).max(TEXT.label);
const moment = z.string().max(40).describe('RFC 3339, or `+2h`: so much later');

export const SimulateBody = OpenBody.extend({
  at: moment.optional().describe('When it is opened; now by default'),
  votes: z
    .array(
      z.strictObject({
        person: name,
        option: name,
        at: moment.describe('RFC 3339, or `+2h` after the opening'),
        reason: z.string().max(TEXT.reason).optional(),
        inputs: z.record(z.string().max(TEXT.label), z.unknown()).optional(),
      }),
    )
    .max(MAX_VOTES)
    .optional(),
  explain: name.optional().describe('A person: why they may vote or not'),
}).meta({ id: 'Simulate' });
export type SimulateBody = z.infer<typeof SimulateBody>;

const Instant = z.iso.datetime();
const Person = z.object({ id: z.string(), name: z.string() });

export const SimulationBody = z
  .object({
    gate: z.string(),
    at: Instant.describe('When it is opened'),
    until: Instant.describe('The last moment that was looked at'),
    timezone: z.string().describe('In which the times are best shown'),
    opens: z.boolean(),
    problem: z
      .object({
        code: z.string(),
        sentence: z.string(),
        errors: z.array(z.object({ path: z.string(), message: z.string() })),
      })
      .nullable()
      .describe('Why it would not open'),
    request: z.object({
      title: z.string(),
      description: z.string().nullable(),
      requester: Person.nullable(),
      expiresAt: Instant.nullable(),
    }),
    stages: z.array(
      z.object({
        name: z.string(),
        applies: z.boolean(),
        why: z.string(),
        when: z.string().nullable(),
        from: Instant.nullable().describe('When it begins here'),
        to: Instant.nullable().describe('When it is over here'),
        rules: z.array(
          z.object({
            needed: z.int(),
            quorum: z.string(),
            refs: z.array(z.string()),
            approvers: z.array(
              z.object({
                person: Person,
                through: z.array(z.string()),
                standsFor: Person.extend({ until: Instant.nullable() }).nullable(),
              }),
            ),
            leftOut: z.array(z.object({ person: Person, why: z.string(), until: Instant.nullable() })),
            problems: z.array(z.string()),
          }),
        ),
      }),
    ),
    asked: z.array(z.object({ person: Person, at: Instant, where: z.array(z.string()) })),
    channels: z.array(z.object({ name: z.string(), kind: z.string() })),
    timeline: z.array(
      z.object({
        at: Instant,
        what: z.string(),
        sentence: z.string(),
        people: z.array(Person),
        tells: z.array(
          z.object({
            kind: z.string(),
            via: z.string(),
            channel: z.string().nullable(),
            person: Person.nullable(),
            sentence: z.string(),
            at: Instant.describe('When it is sent: quiet hours keep it back'),
          }),
        ),
      }),
    ),
    silence: z.object({ sentence: z.string(), at: Instant.nullable() }).nullable(),
    end: z.object({ status: z.string(), cause: z.string(), sentence: z.string(), at: Instant }).nullable(),
    people: z.array(
      z.object({
        person: Person,
        progress: z.string(),
        actions: z.array(z.string()),
        notice: z.string().nullable(),
      }),
    ),
    notes: z.array(z.string()),
    explanation: z
      .object({
        person: Person,
        sentence: z.string(),
        stages: z.array(
          z.object({
            name: z.string(),
            mayVote: z.boolean(),
            sentence: z.string(),
            rules: z.array(z.object({ isIn: z.boolean(), sentence: z.string() })),
          }),
        ),
        bypass: z.string(),
      })
      .nullable(),
  })
  .meta({ id: 'Simulation' });
