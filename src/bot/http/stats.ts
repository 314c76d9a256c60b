/** src/bot/http/stats.ts: the figures of gates, for pipelines that may open them, and of people, for those that may see them. */
import { z } from 'zod';
import type { Pipeline } from '../config/index.ts';
import { TEXT } from '../limits.ts';
import { WEEKS } from '../stats/limits.ts';
import {
  type GateFigures,
  type PersonFigures,
  type Range,
  type Report,
  type Row,
  type Times,
  TooManyRowsError,
} from '../stats/report.ts';
import { ordinalOf } from '../stats/week.ts';
import type { Api, App } from './api.ts';
import { pipelineOf } from './auth.ts';
import { forbidden, invalid } from './problem.ts';
import { answers, ProblemBody } from './schemas.ts';

/** Without `from`: so many weeks, the last one among them. */
const DEFAULT_WEEKS = 4;

const week = z.string().max(8).optional();
const StatsQuery = z.strictObject({
  gate: z.string().min(1).max(TEXT.label).optional(),
  person: z.string().min(1).max(TEXT.label).optional().describe('Needs `may: [stats]`'),
  from: week.describe('An ISO week: 2026-W44. Three weeks before `to` by default'),
  to: week.describe('An ISO week; the current one by default'),
});
type StatsQuery = z.infer<typeof StatsQuery>;

const count = z.int();
const TimesBody = z.object({
  count,
  medianSeconds: z.number().nullable().describe('At most 5 % off'),
  p90Seconds: z.number().nullable(),
});
const GateBody = z.object({
  opened: count,
  outcomes: z.object({
    approved: z.object({ votes: count, timeout: count, auto: count, bypass: count }),
    rejected: z.object({ votes: count, timeout: count }),
    cancelled: z.object({ cancelled: count, superseded: count, orphaned: count }),
  }),
  bypasses: count,
  timeouts: count,
  sla: z.object({
    met: count,
    warned: count.describe('Of those met: after their warning'),
    breached: count,
    without: count,
    compliance: z.number().nullable().describe('met / (met + breached)'),
  }),
  timeToDecision: TimesBody,
  reminders: count,
  escalations: count,
  pauses: count,
});
const PersonBody = z.object({
  asked: count,
  votes: count,
  onBehalf: count,
  missed: count.describe('Still asked when a request ended by its timeout'),
  quick: count.describe('Votes within five seconds of being asked'),
  timeToVote: TimesBody,
});
const inWeek = { week: z.string() };
const Stats = z
  .object({
    from: z.string(),
    to: z.string(),
    timezone: z.literal('UTC'),
    upTo: z.iso.datetime().nullable().describe('When the newest event that is counted happened'),
    complete: z.boolean().describe('false while a long log is still being counted'),
    unread: count,
    leftOut: count,
    gates: z.array(z.object({ gate: z.string(), total: GateBody, weeks: z.array(GateBody.extend(inWeek)) })),
    people: z
      .array(z.object({ person: z.string(), total: PersonBody, weeks: z.array(PersonBody.extend(inWeek)) }))
      .nullable()
      .describe('null without `may: [stats]`'),
  })
  .meta({ id: 'Stats' });

export function statsRoutes(app: App, api: Api): void {
  app.get(
    '/v1/stats',
    {
      schema: {
        summary: 'Figures of gates and people, week by week',
        description:
          'Of gates that the pipeline may open, whoever opened the requests. `Accept: text/csv` answers a table with a row for each gate and person in each week.',
        querystring: StatsQuery,
        response: answers({ 200: Stats, 400: ProblemBody, 403: ProblemBody, 422: ProblemBody }),
      },
    },
    async (request, reply) => {
      const report = await reportFor(api, pipelineOf(request), request.query);
      const mayPeople = pipelineOf(request).may.has('stats');
      if (request.headers.accept?.includes('text/csv') === true)
        return reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', `attachment; filename="stats-${report.from}-${report.to}.csv"`)
          .serializer(String)
          .send(csvOf(report));
      return reply.send(statsJson(report, mayPeople));
    },
  );
}

async function reportFor(api: Api, pipeline: Pipeline, query: StatsQuery): Promise<Report> {
  const { gate, person } = query;
  const range = rangeOf(query, api.figures.thisWeek());
  if (gate !== undefined && !pipeline.mayOpen(gate))
    throw forbidden('This pipeline may not open that gate, so its figures are not shown.');
  const mayPeople = pipeline.may.has('stats');
  if (person !== undefined && !mayPeople)
    throw forbidden('Figures of people need `may: [stats]` of the pipeline in the config.');
  const isAsked = gate !== undefined || person !== undefined;
  const wanted = {
    gate: (name: string) => pipeline.mayOpen(name) && (isAsked ? name === gate : true),
    person: (id: string) => mayPeople && (isAsked ? id === person : true),
  };
  const report = await read(api, range, wanted);
  const { gates, directory } = api.config();
  // A gate or person that the config has forgotten may still have figures; a slip of the pen has neither.
  if (gate !== undefined && !gates.has(gate) && report.gates.length === 0)
    throw invalid([{ path: 'gate', message: 'is no gate of the config, and has no figures' }]);
  if (person !== undefined && !directory.people.has(person) && report.people.length === 0)
    throw invalid([{ path: 'person', message: 'is nobody in the directory, and has no figures' }]);
  return report;
}

async function read(api: Api, range: Range, wanted: Parameters<Api['figures']['report']>[1]): Promise<Report> {
  try {
    return await api.figures.report(range, wanted);
  } catch (error) {
    if (!(error instanceof TooManyRowsError)) throw error;
    throw invalid([
      { path: 'from', message: 'spans too much for one answer: ask for fewer weeks, a gate or a person' },
    ]);
  }
}

function rangeOf({ from, to }: StatsQuery, thisWeek: number): Range {
  const last = to === undefined ? thisWeek : ordinalOf(to);
  if (last === null) throw invalid([{ path: 'to', message: 'must be an ISO week such as 2026-W47' }]);
  const first = from === undefined ? last - DEFAULT_WEEKS + 1 : ordinalOf(from);
  if (first === null) throw invalid([{ path: 'from', message: 'must be an ISO week such as 2026-W44' }]);
  if (first > last) throw invalid([{ path: 'from', message: 'must not be after `to`' }]);
  if (last - first >= WEEKS) throw invalid([{ path: 'from', message: `spans more than ${WEEKS} weeks` }]);
  return { from: first, to: last };
}

function statsJson({ from, to, progress, unread, leftOut, gates, people }: Report, mayPeople: boolean): object {
  const weeksOf = ({ weeks }: Row<object>): readonly object[] =>
    weeks.map(({ week, figures }) => ({ week, ...figures }));
  return {
    from,
    to,
    timezone: 'UTC',
    upTo: progress.at === null ? null : new Date(progress.at).toISOString(),
    complete: progress.isComplete,
    unread,
    leftOut,
    gates: gates.map((row) => ({ gate: row.name, total: row.total, weeks: weeksOf(row) })),
    people: mayPeople ? people.map((row) => ({ person: row.name, total: row.total, weeks: weeksOf(row) })) : null,
  };
}

const GATE_COLUMNS: Readonly<Record<string, (figures: GateFigures) => number | null>> = {
  opened: ({ opened }) => opened,
  approved_by_votes: ({ outcomes }) => outcomes.approved.votes,
  approved_by_timeout: ({ outcomes }) => outcomes.approved.timeout,
  approved_automatically: ({ outcomes }) => outcomes.approved.auto,
  bypassed: ({ bypasses }) => bypasses,
  rejected_by_votes: ({ outcomes }) => outcomes.rejected.votes,
  rejected_by_timeout: ({ outcomes }) => outcomes.rejected.timeout,
  cancelled: ({ outcomes }) => outcomes.cancelled.cancelled,
  superseded: ({ outcomes }) => outcomes.cancelled.superseded,
  orphaned: ({ outcomes }) => outcomes.cancelled.orphaned,
  sla_met: ({ sla }) => sla.met,
  sla_warned: ({ sla }) => sla.warned,
  sla_breached: ({ sla }) => sla.breached,
  sla_without: ({ sla }) => sla.without,
  sla_compliance: ({ sla }) => sla.compliance,
  reminders: ({ reminders }) => reminders,
  escalations: ({ escalations }) => escalations,
  pauses: ({ pauses }) => pauses,
};
const PERSON_COLUMNS: Readonly<Record<string, (figures: PersonFigures) => number | null>> = {
  asked: ({ asked }) => asked,
  votes: ({ votes }) => votes,
  votes_on_behalf: ({ onBehalf }) => onBehalf,
  missed: ({ missed }) => missed,
  quick_votes: ({ quick }) => quick,
};
const TIME_COLUMNS = ['timed', 'median_seconds', 'p90_seconds'];

/** RFC 4180, one row for each gate and person in each week; columns that are not theirs are empty. */
function csvOf({ gates, people }: Report): string {
  const gateColumns = Object.values(GATE_COLUMNS);
  const personColumns = Object.values(PERSON_COLUMNS);
  const times = ({ count, medianSeconds, p90Seconds }: Times) => [count, medianSeconds, p90Seconds];
  const lines = [
    ['week', 'kind', 'name', ...TIME_COLUMNS, ...Object.keys(GATE_COLUMNS), ...Object.keys(PERSON_COLUMNS)],
  ];
  const add = (week: string, kind: string, name: string, values: readonly (number | null)[]): void =>
    void lines.push([week, kind, cell(name), ...values.map((value) => (value === null ? '' : String(value)))]);
  for (const { name, weeks } of gates)
    for (const { week, figures } of weeks)
      add(week, 'gate', name, [
        ...times(figures.timeToDecision),
        ...gateColumns.map((value) => value(figures)),
        ...personColumns.map(() => null),
      ]);
  for (const { name, weeks } of people)
    for (const { week, figures } of weeks)
      add(week, 'person', name, [
        ...times(figures.timeToVote),
        ...gateColumns.map(() => null),
        ...personColumns.map((value) => value(figures)),
      ]);
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

/** Quoted where it has to be, and nothing that a spreadsheet would take for a formula. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
