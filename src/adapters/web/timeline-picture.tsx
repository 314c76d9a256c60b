/**
 * src/adapters/web/timeline-picture.tsx: a timeline as a picture, drawn on the server. It is never the only way to know:
 * its marks differ in shape as well as in colour, and a table says the same.
 */
import type { VNode } from 'preact';
import type { SimulatedStep, Simulation } from '../simulation.ts';
import { visible } from '../text.ts';
import { type Geometry, layoutOf, NARROW, type PlacedLane, WIDE } from './timeline-scale.ts';

/** Shape, colour and name of what can happen. */
const LOOKS: Readonly<Record<SimulatedStep, readonly [shape: Shape, look: string, name: string]>> = {
  opened: ['dot', 'link', 'shown'],
  asked: ['dot', 'link', 'asked'],
  stageOpened: ['dot', 'link', 'stage begins'],
  vote: ['check', 'go', 'votes'],
  refused: ['cross', 'wait', 'vote refused'],
  stagePassed: ['check', 'go', 'stage passed'],
  approversChanged: ['ring', 'plain', 'approvers change'],
  reminder: ['ring', 'wait', 'reminded'],
  escalation: ['triangle', 'wait', 'escalated to'],
  slaWarning: ['diamond', 'wait', 'target at risk'],
  slaBreach: ['diamond', 'stop', 'target missed'],
  held: ['bars', 'wait', 'held'],
  released: ['bars', 'plain', 'held no longer'],
  autoApproved: ['check', 'go', 'approved by itself'],
  expired: ['square', 'stop', 'deadline'],
  approved: ['check', 'go', 'approved'],
  rejected: ['cross', 'stop', 'rejected'],
  cancelled: ['cross', 'plain', 'cancelled'],
  note: ['ring', 'plain', 'note'],
};
type Shape = 'dot' | 'ring' | 'triangle' | 'diamond' | 'square' | 'check' | 'cross' | 'bars';

const PATHS: Readonly<Record<Exclude<Shape, 'dot' | 'ring'>, string>> = {
  triangle: 'M0-8 8 6-8 6Z',
  diamond: 'M0-8 8 0 0 8-8 0Z',
  square: 'M-7-7H7V7H-7Z',
  check: 'M-7 0-2 6 8-6',
  cross: 'M-6-6 6 6M-6 6 6-6',
  bars: 'M-4-7V7M4-7V7',
};

export function Mark({ what, x, y }: { readonly what: SimulatedStep; readonly x: number; readonly y: number }): VNode {
  const [shape, look] = LOOKS[what];
  if (shape === 'dot' || shape === 'ring')
    return <circle class={`mark ${shape} ${look}`} cx={round(x)} cy={round(y)} r={6.5} />;
  const isLine = shape === 'check' || shape === 'cross' || shape === 'bars';
  const name = `mark ${isLine ? 'stroke' : 'dot'} ${look}`;
  return <path class={name} transform={`translate(${round(x)} ${round(y)})`} d={PATHS[shape]} />;
}

const round = (n: number): number => Math.round(n * 10) / 10;
const TOP = 44;

export function Picture({ simulation }: { readonly simulation: Simulation }): VNode | null {
  if (simulation.timeline.length === 0) return null;
  const used = legendOf(simulation);
  const { isStretched, hidden } = layoutOf(simulation, WIDE);
  return (
    <figure class="timeline">
      <Drawing simulation={simulation} geometry={WIDE} name="wide-picture" />
      <Drawing simulation={simulation} geometry={NARROW} name="narrow-picture" />
      <figcaption>
        <ul class="legend">
          {used.map(({ what, names }) => (
            <li>
              <svg viewBox="-10 -10 20 20" width="16" height="16" aria-hidden="true">
                <Mark what={what} x={0} y={0} />
              </svg>
              {names.join(', ')}
            </li>
          ))}
        </ul>
        <p class="muted">
          Times in {visible(simulation.timezone)}.{isStretched ? ' Early times are drawn wider than late ones.' : ''}
          {hidden === 0 ? '' : ` ${hidden} more people are in the table.`} The table below says the same.
        </p>
      </figcaption>
    </figure>
  );
}

/** What happens here, by how it looks. */
function legendOf({ timeline }: Simulation): readonly { readonly what: SimulatedStep; readonly names: string[] }[] {
  const looks = new Map<string, { readonly what: SimulatedStep; readonly names: string[] }>();
  for (const { what } of timeline) {
    const [shape, look, name] = LOOKS[what];
    const known = looks.get(`${shape} ${look}`);
    if (known === undefined) looks.set(`${shape} ${look}`, { what, names: [name] });
    else if (!known.names.includes(name)) known.names.push(name);
  }
  return [...looks.values()];
}

function Drawing(props: {
  readonly simulation: Simulation;
  readonly geometry: Geometry;
  readonly name: string;
}): VNode {
  const { simulation, geometry, name } = props;
  const { width, laneHeight } = geometry;
  const { lanes, ticks, end } = layoutOf(simulation, geometry);
  const height = TOP + lanes.length * laneHeight + 10;
  return (
    <svg class={name} viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby={`${name}-title`}>
      <title id={`${name}-title`}>{`Timeline of ${visible(simulation.request.title)}: ${endWords(simulation)}`}</title>
      {lanes.map((lane, index) => (
        <Background lane={lane} index={index} geometry={geometry} />
      ))}
      {ticks.map(({ x, at }, index) => (
        <g>
          <line class="grid" x1={round(x)} y1={TOP - 6} x2={round(x)} y2={height - 8} />
          <TickLabel at={at} zone={simulation.timezone} x={x} isFirst={index === 0} width={width} />
        </g>
      ))}
      {lanes.map((lane, index) => (
        <Bars lane={lane} index={index} geometry={geometry} />
      ))}
      {end === null ? null : (
        <line
          class={`end ${simulation.end?.status ?? ''}`}
          x1={round(end)}
          y1={TOP - 6}
          x2={round(end)}
          y2={height - 8}
        />
      )}
      {lanes.map((lane, index) => (
        <Marks lane={lane} index={index} geometry={geometry} />
      ))}
    </svg>
  );
}

const middleOf = (index: number, { laneHeight, hasLabelsAbove }: Geometry): number =>
  TOP + index * laneHeight + (hasLabelsAbove ? laneHeight - 15 : laneHeight / 2);

interface LaneProps {
  readonly lane: PlacedLane;
  readonly index: number;
  readonly geometry: Geometry;
}

function Background({ lane, index, geometry }: LaneProps): VNode {
  const { width, left, laneHeight, hasLabelsAbove } = geometry;
  const top = TOP + index * laneHeight;
  const y = middleOf(index, geometry);
  return (
    <g class={`lane ${lane.kind}`}>
      {index % 2 === 0 ? <rect class="band" x={0} y={top} width={width} height={laneHeight} rx={6} /> : null}
      <text class="lane-name" x={hasLabelsAbove ? 8 : 12} y={hasLabelsAbove ? top + 17 : y + 5}>
        {shortened(visible(lane.label), hasLabelsAbove ? 40 : 24)}
      </text>
      <line class="rail" x1={left} y1={y} x2={width - 12} y2={y} />
    </g>
  );
}

function Bars({ lane, index, geometry }: LaneProps): VNode {
  const y = middleOf(index, geometry) - 6;
  return (
    <g class={`lane ${lane.kind}`}>
      {lane.bars.map(({ from, to, look }) => (
        <rect class={`bar ${look}`} x={round(from)} y={y} width={round(Math.max(3, to - from))} height={12} rx={6} />
      ))}
    </g>
  );
}

function Marks({ lane, index, geometry }: LaneProps): VNode {
  const y = middleOf(index, geometry);
  return (
    <g>
      {lane.marks.map(({ what, x, heldTo }) => (
        <>
          {heldTo === null ? null : <line class="kept-back" x1={round(x)} y1={y} x2={round(heldTo)} y2={y} />}
          {heldTo === null ? null : <circle class="arrival" cx={round(heldTo)} cy={y} r={4} />}
          <Mark what={what} x={x} y={y} />
        </>
      ))}
    </g>
  );
}

function TickLabel(props: {
  readonly at: string;
  readonly zone: string;
  readonly x: number;
  readonly isFirst: boolean;
  readonly width: number;
}): VNode {
  const { day, time } = localParts(props.at, props.zone);
  const isLast = props.x > props.width - 60;
  const anchor = isLast ? 'end' : props.isFirst ? 'start' : 'middle';
  const x = isLast ? props.width - 4 : props.isFirst ? Math.max(2, props.x - 10) : props.x;
  return (
    <text class="tick" text-anchor={anchor} y={14}>
      <tspan class="tick-day" x={round(x)}>
        {day}
      </tspan>
      <tspan x={round(x)} dy={16}>
        {time}
      </tspan>
    </text>
  );
}

const endWords = ({ end, problem }: Simulation): string =>
  end?.sentence ?? problem?.sentence ?? 'nothing more happens by itself';

const shortened = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** "Fri 20 Nov 16:30": as the picture has it, not in the reader's zone. */
export function localWords(at: string, zone: string): string {
  const { day, time } = localParts(at, zone);
  return `${day} ${time}`;
}

function localParts(at: string, timeZone: string): { readonly day: string; readonly time: string } {
  const moment = Date.parse(at);
  const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone });
  const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone });
  return { day: day.format(moment).replace(',', ''), time: time.format(moment) };
}
