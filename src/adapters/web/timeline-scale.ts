/** src/adapters/web/timeline-scale.ts: where things lie in the picture of a timeline: its lanes, marks and times. */
import type { SimulatedEntry, SimulatedStep, Simulation } from '../simulation.ts';

/** Two drawings of the same: side by side with the names, and for narrow screens with the names above the lanes. */
export interface Geometry {
  readonly width: number;
  /** Where time begins. */
  readonly left: number;
  readonly laneHeight: number;
  /** Room that the label of a time needs. */
  readonly labelWidth: number;
  readonly hasLabelsAbove: boolean;
}
export const WIDE: Geometry = { width: 1040, left: 190, laneHeight: 38, labelWidth: 92, hasLabelsAbove: false };
export const NARROW: Geometry = { width: 340, left: 12, laneHeight: 50, labelWidth: 104, hasLabelsAbove: true };
/** Between the picture's edge and the last moment. */
const RIGHT = 46;
/** Lanes of people and of channels; the table has everybody. */
const MOST = { people: 10, channels: 4 };

export interface PlacedMark {
  readonly what: SimulatedStep;
  readonly x: number;
  /** Where the message arrives, when quiet hours keep it back. */
  readonly heldTo: number | null;
}

export interface PlacedLane {
  readonly kind: 'stage' | 'channel' | 'person' | 'time';
  readonly label: string;
  readonly marks: readonly PlacedMark[];
  readonly bars: readonly { readonly from: number; readonly to: number; readonly look: 'open' | 'late' }[];
}

export interface Layout {
  readonly lanes: readonly PlacedLane[];
  readonly ticks: readonly { readonly x: number; readonly at: string }[];
  readonly end: number | null;
  /** Early times are drawn wider than late ones. */
  readonly isStretched: boolean;
  /** How many people have no lane. */
  readonly hidden: number;
}

/** Marks of one lane keep this far apart; the last one stays where it is, since the end is drawn there. */
const APART = 15;

const ms = (time: string): number => Date.parse(time);
const CLOSING: readonly SimulatedStep[] = ['autoApproved', 'expired', 'approved', 'rejected', 'cancelled'];
const TIMED: readonly SimulatedStep[] = ['slaWarning', 'slaBreach', 'held', 'released', ...CLOSING];

export function layoutOf(simulation: Simulation, { width, left, labelWidth }: Geometry): Layout {
  const { timeline, stages, end } = simulation;
  const start = ms(simulation.at);
  const last = Math.max(ms(simulation.until), ...timeline.flatMap(({ tells }) => tells.map(({ at }) => ms(at))));
  const span = Math.max(last - start, 60_000);
  const isStretched = needsStretching(
    timeline.map(({ at }) => ms(at) - start),
    span,
  );
  const x = (time: string): number => {
    const share = Math.min(1, Math.max(0, (ms(time) - start) / span));
    return left + (width - left - RIGHT) * (isStretched ? share ** 0.45 : share);
  };
  const people = peopleOf(simulation);
  const placed = (entry: SimulatedEntry, isFor: (tell: SimulatedEntry['tells'][number]) => boolean): PlacedMark => {
    const held = entry.tells.find((tell) => isFor(tell) && tell.at !== entry.at);
    return { what: entry.what, x: x(entry.at), heldTo: held === undefined ? null : x(held.at) };
  };
  const lanes: PlacedLane[] = [
    ...stages
      .filter(({ applies }) => applies)
      .map(({ name, from, to }): PlacedLane => {
        const bars = from === null ? [] : [{ from: x(from), to: x(to ?? simulation.until), look: 'open' as const }];
        return { kind: 'stage', label: name, marks: [], bars };
      }),
    ...channelsOf(simulation).map((channel): PlacedLane => {
      const told = timeline.filter(({ tells }) => tells.some((tell) => tell.channel === channel));
      const marks = told.map((entry) => placed(entry, (tell) => tell.channel === channel));
      return { kind: 'channel', label: `# ${channel}`, marks: apart(marks, left), bars: [] };
    }),
    ...people.slice(0, MOST.people).map(({ id, name }): PlacedLane => {
      const concerned = timeline.filter((entry) => entry.people.some((person) => person.id === id));
      return {
        kind: 'person',
        label: name,
        marks: apart(
          concerned.map((entry) => placed(entry, ({ person }) => person?.id === id)),
          left,
        ),
        bars: [],
      };
    }),
    timeLane(timeline, x, simulation),
  ];
  return {
    lanes,
    ticks: ticksOf(simulation, x, labelWidth),
    end: end === null ? null : x(end.at),
    isStretched,
    hidden: Math.max(0, people.length - MOST.people),
  };
}

function timeLane(
  timeline: readonly SimulatedEntry[],
  x: (time: string) => number,
  { at, until, silence }: Simulation,
): PlacedLane {
  const breach = timeline.find(({ what }) => what === 'slaBreach');
  const marks = timeline
    .filter(({ what }) => TIMED.includes(what))
    .map(({ what, at: moment }) => ({ what, x: x(moment), heldTo: null }));
  const bars = breach === undefined ? [] : [{ from: x(breach.at), to: x(silence?.at ?? until), look: 'late' as const }];
  return {
    kind: 'time',
    label: 'Deadline and target',
    marks: apart(marks, x(at)),
    bars: [{ from: x(at), to: x(breach?.at ?? until), look: 'open' }, ...bars],
  };
}

/** In order of time: moved to the left where they would lie on each other, and not before `left`. */
function apart(marks: readonly PlacedMark[], left: number): readonly PlacedMark[] {
  const moved = marks.map((mark) => ({ ...mark }));
  for (let i = moved.length - 2; i >= 0; i--) {
    const [mark, next] = [moved[i], moved[i + 1]];
    if (mark !== undefined && next !== undefined) mark.x = Math.min(mark.x, next.x - APART);
  }
  let least = left;
  for (const mark of moved) {
    mark.x = Math.max(mark.x, least);
    least = mark.x + APART;
  }
  return moved;
}

/** Whether moments lie so close that they could not be told apart. */
function needsStretching(offsets: readonly number[], span: number): boolean {
  const distinct = [...new Set(offsets)].sort((a, b) => a - b);
  const gaps = distinct.slice(1).map((offset, i) => offset - (distinct[i] ?? 0));
  return gaps.some((gap) => gap < span / 45);
}

/** Everybody whom the timeline speaks of, in the order of their first part in it. */
const peopleOf = ({ timeline }: Simulation) => [
  ...new Map(timeline.flatMap(({ people }) => people.map((person) => [person.id, person] as const))).values(),
];

const channelsOf = ({ timeline }: Simulation): readonly string[] =>
  [...new Set(timeline.flatMap(({ tells }) => tells.flatMap(({ channel }) => channel ?? [])))].slice(0, MOST.channels);

/** As many times as fit beside each other; the first and the last always. */
function ticksOf({ timeline, at, until }: Simulation, x: (time: string) => number, room: number): Layout['ticks'] {
  const times = [...new Set([at, ...timeline.map((entry) => entry.at), until])].map((time) => ({
    at: time,
    x: x(time),
  }));
  const final = times.at(-1);
  const kept: { at: string; x: number }[] = [];
  for (const tick of times) {
    const before = kept.at(-1);
    const isFar = before === undefined || tick.x - before.x >= room;
    if (tick === final ? isFar : isFar && (final === undefined || final.x - tick.x >= room)) kept.push(tick);
  }
  return kept;
}
