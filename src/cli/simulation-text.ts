/** src/cli/simulation-text.ts: a simulation as lines of text: stages, the timeline in local time, and how it ends. */
import type {
  SimulatedEntry,
  SimulatedRule,
  SimulatedStage,
  SimulatedStep,
  SimulatedTell,
  Simulation,
} from '../adapters/simulation.ts';
import type { Style, Terminal } from './terminal.ts';
import { durationText, plain, shortened } from './text.ts';

type Paint = Terminal['paint'];

const LOOKS: Readonly<Record<SimulatedStep, readonly [mark: string, style: Style]>> = {
  opened: ['●', 'cyan'],
  asked: ['?', 'cyan'],
  vote: ['✎', 'bold'],
  refused: ['✗', 'yellow'],
  stagePassed: ['✓', 'green'],
  stageOpened: ['●', 'cyan'],
  approversChanged: ['~', 'dim'],
  reminder: ['↻', 'yellow'],
  escalation: ['↑', 'yellow'],
  slaWarning: ['!', 'yellow'],
  slaBreach: ['!', 'red'],
  held: ['‖', 'yellow'],
  released: ['~', 'yellow'],
  autoApproved: ['✓', 'green'],
  expired: ['■', 'red'],
  approved: ['✓', 'green'],
  rejected: ['✗', 'red'],
  cancelled: ['⊘', 'yellow'],
  note: ['·', 'dim'],
};
/** Longest sentence of a line, in characters; `--json` has it whole. */
const MAX_SENTENCE = 200;
/** Names in one line; the others are counted. */
const MAX_NAMES = 8;

export function simulationLines(simulation: Simulation, { paint }: Pick<Terminal, 'paint'>): readonly string[] {
  const { gate, request, problem, timezone, timeline, silence, notes, explanation } = simulation;
  const opened = Date.parse(simulation.at);
  const local = localTime(timezone);
  const asker = request.requester === null ? '' : `, asked for by ${plain(request.requester.name)}`;
  const lines = [
    `${paint('bold', plain(request.title))} ${paint('dim', `· ${plain(gate)}`)}`,
    `${paint('dim', 'at')} ${local(simulation.at)} ${plain(timezone)}${asker}`,
  ];
  const section = (title: string, content: readonly string[]): void => {
    if (content.length > 0) lines.push('', paint('bold', title), ...content);
  };
  section(
    'Stages',
    simulation.stages.flatMap((stage) => stageLines(stage, local, paint)),
  );
  if (problem !== null) {
    const errors = problem.errors.map(({ path, message }) => `  ${plain(path)}: ${plain(message)}`);
    lines.push('', `${paint('red', '✗')} It would not open: ${plain(problem.sentence)}`, ...errors);
  }
  section(
    'Timeline',
    timeline.flatMap((entry) => entryLines(entry, opened, local, paint)),
  );
  if (silence !== null) {
    const when = silence.at === null ? '' : `, ${local(silence.at)} (${offset(silence.at, opened)})`;
    section('Silence', [`  ${plain(silence.sentence)}${when}`]);
  }
  section(
    'What they see',
    simulation.people.flatMap(({ person, progress, actions, notice }) => [
      `  ${plain(person.name)}  ${paint('dim', plain(progress))}`,
      ...(notice === null ? [] : [`    ${plain(notice)}`]),
      `    ${plain(actions.map((label) => `[${label}]`).join(' '))}`,
    ]),
  );
  if (explanation !== null) {
    const rules = explanation.stages.flatMap(({ name, mayVote, sentence, rules }) => [
      `  ${mayVote ? paint('green', '✓') : paint('red', '✗')} ${plain(name)}: ${plain(sentence)}`,
      ...rules.map((rule) => paint('dim', `      ${plain(rule.sentence)}`)),
    ]);
    section(plain(explanation.sentence), [...rules, `  ${plain(explanation.bypass)}`]);
  }
  section(
    'Notes',
    notes.map((note) => `  ${plain(note)}`),
  );
  return lines;
}

function stageLines({ name, applies, why, rules }: SimulatedStage, local: Local, paint: Paint): readonly string[] {
  if (!applies) return [paint('dim', `  – ${plain(name)}: left out; ${plain(why)}`)];
  return [
    `  ${paint('cyan', '●')} ${plain(name)}: applies; ${plain(why)}`,
    ...rules.flatMap((rule) => ruleLines(rule, local, paint)),
  ];
}

function ruleLines(rule: SimulatedRule, local: Local, paint: Paint): readonly string[] {
  const { needed, approvers, leftOut, problems } = rule;
  const have = needed === 1 ? 'has' : 'have';
  return [
    ...(approvers.length === 0 ? [] : [`      ${needed} of these ${approvers.length} ${have} to approve:`]),
    ...approvers.map(({ person, through, standsFor }) => {
      const until = standsFor?.until == null ? '' : ` until ${local(standsFor.until)}`;
      const instead = standsFor === null ? '' : `, standing in for ${plain(standsFor.name)}${until}`;
      return `        ${plain(person.name)} ${paint('dim', `← ${through.map(plain).join(', ')}${instead}`)}`;
    }),
    ...leftOut.map(({ person, why, until }) => {
      const end = until === null ? '' : `, until ${local(until)}`;
      return paint('dim', `        not ${plain(person.name)}: ${plain(why)}${end}`);
    }),
    ...problems.map((problem) => `        ${paint('yellow', '!')} ${plain(problem)}`),
  ];
}

function entryLines(entry: SimulatedEntry, opened: number, local: Local, paint: Paint): readonly string[] {
  const [mark, style] = LOOKS[entry.what];
  const when = `${local(entry.at)}  ${paint('dim', offset(entry.at, opened).padStart(8))}`;
  const names = entry.what === 'asked' ? `: ${namesOf(entry.people.map(({ name }) => name))}` : '';
  const indent = ' '.repeat(local(entry.at).length + 16);
  return [
    `  ${when}  ${paint(style, mark)} ${shortened(plain(entry.sentence), MAX_SENTENCE)}${names}`,
    ...messages(entry, local).map((line) => paint('dim', `${indent}→ ${line}`)),
  ];
}

/** One line for each place or person that is told, and when where that is later. */
function messages({ at, tells }: SimulatedEntry, local: Local): readonly string[] {
  const lines = new Map<string, string[]>();
  for (const tell of tells) {
    const later = tell.at === at ? '' : `, held back until ${local(tell.at)}`;
    const key = `${nameOfTarget(tell)}${later}`;
    lines.set(key, [...(lines.get(key) ?? []), wayOf(tell)]);
  }
  return [...lines].map(([target, ways]) => `${plain(target)} (${[...new Set(ways)].map(plain).join(', ')})`);
}

const nameOfTarget = ({ kind, channel, person, sentence }: SimulatedTell): string =>
  channel === null ? (person?.name ?? `${kind} ${sentence}`) : `# ${channel}`;

function wayOf({ kind, via }: SimulatedTell): string {
  if (kind === 'history') return `${via} thread`;
  return kind === 'surface' ? via : `${via} notice`;
}

function namesOf(names: readonly string[]): string {
  const rest = names.length - MAX_NAMES;
  return rest > 1 ? `${names.slice(0, MAX_NAMES).map(plain).join(', ')} and ${rest} more` : names.map(plain).join(', ');
}

function offset(at: string, opened: number): string {
  const ms = Date.parse(at) - opened;
  return ms === 0 ? '+0' : `+${durationText(ms)}`;
}

type Local = (time: string) => string;

/** "Fri 20 Nov 2026 16:00" in the zone. */
function localTime(timeZone: string): Local {
  const format = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: '2-digit',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  });
  return (time) => format.format(Date.parse(time)).replaceAll(',', '');
}
