/** src/cli/draw.ts: a request as lines of text. Everything that came from outside passes through `plain` here. */
import type {
  ApprovalOutcome,
  ApprovalRequest,
  ApprovalStage,
  FinalStatus,
  JsonValue,
  StandingPause,
  TakenEscalation,
} from '../client/index.ts';
import type { Style, Terminal } from './terminal.ts';
import { durationText, jsonText, plain, plainLines, shortened } from './text.ts';

const STATUS_STYLE: Readonly<Record<ApprovalRequest['status'], Style>> = {
  pending: 'cyan',
  approved: 'green',
  rejected: 'red',
  cancelled: 'yellow',
};
const MARKS: Readonly<Record<FinalStatus, string>> = { approved: '✓', rejected: '✗', cancelled: '⊘' };
const CAUSES: Readonly<Record<ApprovalOutcome['cause'], string>> = {
  votes: '',
  timeout: 'nobody decided in time',
  auto: 'by the gate’s own rule',
  bypass: 'BYPASSED',
  cancelled: '',
  superseded: 'a newer request took its place',
  orphaned: 'its pipeline stopped',
};
/** Longest value of a fact, in characters. `show --json` has them whole. */
const MAX_FACT = 200;

/** "peer review: 1 of 2 approvals, waiting for mia" · what a waiting terminal keeps saying. */
export function progressText(request: ApprovalRequest): string {
  if (request.paused) return 'paused';
  if (request.heldUntil) return `decided, takes effect at ${timeText(request.heldUntil)}`;
  const stage = request.stages.find(({ state }) => state === 'open');
  if (stage === undefined) return 'waiting';
  const rules = stage.rules.filter(({ state }) => state === 'open').map(ruleText);
  return `${plain(stage.name)}: ${rules.join(' and ')}`;
}

/** "23h 59m left"; empty when it never expires. */
export function timeLeft(request: ApprovalRequest, now: number): string {
  if (request.expiresAt === null) return '';
  const ms = Date.parse(request.expiresAt) - now;
  return Number.isNaN(ms) ? '' : ms <= 0 ? 'time is up' : `${durationText(ms)} left`;
}

/** "✓ Approved by ana: fine with me" */
export function outcomeText(outcome: ApprovalOutcome, { paint }: Pick<Terminal, 'paint'>): string {
  const { status, cause, decidedBy, option, reason } = outcome;
  const by = decidedBy.length > 0 ? ` by ${decidedBy.map(plain).join(', ')}` : '';
  const how = CAUSES[cause] === '' ? '' : ` (${CAUSES[cause] ?? plain(cause)})`;
  const chosen = option === null || option === 'approve' || option === 'reject' ? '' : ` · ${plain(option)}`;
  const why = reason === null || reason === '' ? '' : `: ${plain(reason)}`;
  const word = `${MARKS[status]} ${status.charAt(0).toUpperCase()}${status.slice(1)}`;
  return `${paint([STATUS_STYLE[status], 'bold'], word)}${by}${chosen}${how}${why}`;
}

/** All there is to know before deciding, for `show`. */
export function requestLines(request: ApprovalRequest, terminal: Pick<Terminal, 'paint' | 'now'>): readonly string[] {
  const { paint } = terminal;
  const lines = [
    `${paint('bold', plain(request.title))}`,
    `${paint(STATUS_STYLE[request.status], request.status)} · ${plain(request.gate)} · ${plain(request.id)}`,
  ];
  if (request.description) lines.push('', plainLines(request.description).trim());
  const facts = [...factsOf(request)];
  if (facts.length > 0) lines.push('', ...aligned(facts, paint));
  lines.push('', ...request.stages.map((stage) => stageLine(stage, paint)));
  for (const vote of request.votes) {
    const why = vote.reason ? `: ${plain(vote.reason)}` : '';
    lines.push(`  ${plain(vote.person)} · ${plain(vote.option)} · ${timeText(vote.at)} via ${plain(vote.via)}${why}`);
  }
  for (const escalation of request.escalations ?? []) lines.push(`  ${escalationText(escalation)}`);
  for (const pause of request.pauses ?? []) lines.push(`  ${paint('yellow', pauseText(pause))}`);
  lines.push(
    '',
    request.outcome === null ? pendingLine(request, terminal.now()) : outcomeText(request.outcome, terminal),
  );
  return lines;
}

/** One row for each request, under a head. */
export function tableOf(
  requests: readonly ApprovalRequest[],
  terminal: Pick<Terminal, 'paint' | 'now'>,
): readonly string[] {
  const rows = requests.map((request) => [
    plain(request.id),
    request.status,
    plain(request.gate),
    request.outcome === null ? timeLeft(request, terminal.now()) : timeText(request.outcome.decidedAt),
    shortened(plain(request.title), 60),
  ]);
  return columns([['ID', 'STATUS', 'GATE', 'TIME', 'TITLE'], ...rows], terminal.paint);
}

/** Cells under each other, the first row as the head; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[], paint: Terminal['paint']): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row, index) => {
    const line = row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)));
    return index === 0 ? paint('dim', line.join('  ').trimEnd()) : line.join('  ').trimEnd();
  });
}

/** "2026-03-01 10:05 UTC" */
export function timeText(time: string): string {
  const instant = Date.parse(time);
  return Number.isNaN(instant) ? plain(time) : `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function ruleText(rule: ApprovalStage['rules'][number]): string {
  const count = `${rule.approvals} of ${rule.needed} approval${rule.needed === 1 ? '' : 's'}`;
  const against = rule.rejections > 0 ? `, ${rule.rejections} against` : '';
  const missing = rule.missing ?? [];
  const named = missing.slice(0, 5).map(plain).join(', ');
  const more = missing.length > 5 ? ` and ${missing.length - 5} more` : '';
  return `${count}${against}${missing.length > 0 ? `, waiting for ${named}${more}` : ''}`;
}

function stageLine(stage: ApprovalStage, paint: Terminal['paint']): string {
  const mark = { waiting: '○', open: '●', passed: '✓', skipped: '–', rejected: '✗' }[stage.state] ?? '·';
  const detail = stage.state === 'skipped' ? 'skipped' : stage.rules.map(ruleText).join(' and ');
  const line = `${mark} ${plain(stage.name)}: ${detail}`;
  return stage.state === 'open' ? line : paint('dim', line);
}

function pendingLine(request: ApprovalRequest, now: number): string {
  const left = timeLeft(request, now);
  const until = request.expiresAt === null ? 'It never expires.' : `${left}, until ${timeText(request.expiresAt)}`;
  const where = request.links.web === undefined ? '' : `\nDecide: ${plain(request.links.web)}`;
  return `${until}${where}`;
}

function* factsOf(request: ApprovalRequest): Generator<readonly [string, string]> {
  if (request.requester !== null) yield ['requested by', plain(request.requester)];
  if (request.pipeline !== undefined) yield ['pipeline', plain(request.pipeline)];
  if (request.subject)
    yield ['subject', [request.subject.name, request.subject.digest ?? ''].map(plain).join(' ').trim()];
  for (const { label, value } of request.fields ?? []) yield [plain(label), shortened(plain(value), MAX_FACT)];
  if (isObject(request.context))
    for (const [name, value] of Object.entries(request.context))
      yield [plain(name), shortened(plain(valueText(value)), MAX_FACT)];
  for (const { name, url } of request.artifacts ?? []) yield [plain(name), plain(url)];
}

/** "escalated (step 1 of 2) to mia · 2026-03-01 10:05 UTC" */
function escalationText({ people, mode, step, cause, at }: TakenEscalation): string {
  const which =
    cause === 'sla' ? ' (target time missed)' : step && step.of > 1 ? ` (step ${step.number} of ${step.of})` : '';
  const instead = mode === 'replace' ? ', instead of those before' : '';
  return `escalated${which} to ${people.map(plain).join(', ')}${instead} · ${timeText(at)}`;
}

/** "paused by ana: a release train · 2026-03-01 10:05 UTC" */
function pauseText({ scope, by, reason, at, clocks }: StandingPause): string {
  const what = scope === 'request' ? '' : scope === 'everything' ? 'everything ' : `its ${plain(scope)} `;
  const who = by.kind === 'person' ? plain(by.person) : `pipeline ${plain(by.pipeline)}`;
  const why = reason === null ? '' : `: ${plain(reason)}`;
  return `${what}paused by ${who}${why} · ${timeText(at)}${clocks === 'run' ? ' · the deadline runs on' : ''}`;
}

const isObject = (value: JsonValue): value is { readonly [key: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const valueText = (value: JsonValue): string => (typeof value === 'string' ? value : jsonText(value));

function aligned(facts: readonly (readonly [string, string])[], paint: Terminal['paint']): readonly string[] {
  const width = Math.min(24, Math.max(...facts.map(([label]) => label.length)));
  return facts.map(([label, value]) => `${paint('dim', label.padEnd(width))}  ${value}`);
}
