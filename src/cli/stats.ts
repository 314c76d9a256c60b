/** src/cli/stats.ts: figures of gates and people, as tables: in all, and week by week where one of them was asked for. */
import { weekAt } from '../bot/stats/week.ts';
import type { GateFigures, PersonFigures, Stats, StatsFilter, Times } from '../client/index.ts';
import { connect } from './connection.ts';
import { columns, timeText } from './draw.ts';
import { EXIT } from './failure.ts';
import type { Terminal } from './terminal.ts';
import { durationText, jsonText, plain } from './text.ts';

export interface StatsFlags {
  readonly gate?: string;
  readonly person?: string;
  readonly weeks: number;
  readonly json?: true;
}

const WEEK_MS = 7 * 86_400_000;

export async function stats(terminal: Terminal, { gate, person, weeks, json }: StatsFlags): Promise<number> {
  const now = terminal.now();
  const filter: StatsFilter = {
    from: weekAt(now - (weeks - 1) * WEEK_MS),
    to: weekAt(now),
    ...(gate !== undefined && { gate }),
    ...(person !== undefined && { person }),
  };
  const found = await connect(terminal, 'short').stats(filter, { signal: terminal.interrupted });
  if (json) {
    terminal.out(jsonText(found));
    return EXIT.done;
  }
  terminal.say(terminal.paint('dim', `${found.from} to ${found.to} (ISO weeks, UTC)`));
  if (!found.complete && found.upTo !== null)
    terminal.say(
      terminal.paint('yellow', `Still counting: what came after ${timeText(found.upTo)} is not in these figures yet.`),
    );
  if (found.unread + found.leftOut > 0)
    terminal.say(
      terminal.paint(
        'yellow',
        `Not in these figures: ${found.unread + found.leftOut} that could not be read or were too many.`,
      ),
    );
  const tables = [...gateTables(found, gate !== undefined), ...personTables(found, person !== undefined)];
  if (tables.length === 0) terminal.say('Nothing was counted in these weeks.');
  else terminal.out(tables.map((rows) => columns(rows, terminal.paint).join('\n')).join('\n\n'));
  return EXIT.done;
}

const GATE_HEAD = [
  'OPENED',
  'APPROVED',
  'REJECTED',
  'SLA',
  'MEDIAN',
  'P90',
  'REMINDED',
  'ESCALATED',
  'SILENCE',
  'BYPASSED',
];
const PERSON_HEAD = ['ASKED', 'VOTES', 'FOR OTHERS', 'MISSED', 'QUICK', 'MEDIAN', 'P90'];

type Table = readonly (readonly string[])[];

/** @param isOne only one was asked for: its weeks, one a row */
function gateTables({ gates }: Stats, isOne: boolean): readonly Table[] {
  if (gates.length === 0) return [];
  if (!isOne) return [[['GATE', ...GATE_HEAD], ...gates.map(({ gate, total }) => [plain(gate), ...gateCells(total)])]];
  return gates.map(({ total, weeks }) => [
    ['WEEK', ...GATE_HEAD],
    ...weeks.map((week) => [plain(week.week), ...gateCells(week)]),
    ['all', ...gateCells(total)],
  ]);
}

function personTables({ people }: Stats, isOne: boolean): readonly Table[] {
  if (people === null || people.length === 0) return [];
  if (!isOne)
    return [[['PERSON', ...PERSON_HEAD], ...people.map(({ person, total }) => [plain(person), ...personCells(total)])]];
  return people.map(({ total, weeks }) => [
    ['WEEK', ...PERSON_HEAD],
    ...weeks.map((week) => [plain(week.week), ...personCells(week)]),
    ['all', ...personCells(total)],
  ]);
}

function gateCells(figures: GateFigures): readonly string[] {
  const { opened, outcomes, sla, timeToDecision, reminders, escalations, timeouts, bypasses } = figures;
  return [
    String(opened),
    String(sum(outcomes.approved)),
    String(sum(outcomes.rejected)),
    sla.compliance === null ? '–' : `${Math.floor(sla.compliance * 100)}% (${sla.met}/${sla.met + sla.breached})`,
    ...timeCells(timeToDecision),
    ...[reminders, escalations, timeouts, bypasses].map(String),
  ];
}

const personCells = ({ asked, votes, onBehalf, missed, quick, timeToVote }: PersonFigures): readonly string[] => [
  ...[asked, votes, onBehalf, missed, quick].map(String),
  ...timeCells(timeToVote),
];

const timeCells = ({ medianSeconds, p90Seconds }: Times): readonly string[] =>
  [medianSeconds, p90Seconds].map((seconds) => (seconds === null ? '–' : durationText(seconds * 1000)));

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);
