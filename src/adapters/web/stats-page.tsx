/** src/adapters/web/stats-page.tsx: figures of gates, this week beside the eight before, as tables with small pictures. */
import type { VNode } from 'preact';
import { visible } from '../text.ts';
import { Page, Time } from './layout.tsx';
import type { Session } from './session.ts';
import type { GateStats, OwnStats, StatsView } from './stats.ts';

type Gate = StatsView['gates'][number];

/** One figure of a gate: how it is written, and how high its bar is where a week has one. */
interface Measure {
  readonly label: string;
  /** Left out where there is nothing of it in any of the weeks. */
  readonly isRare: boolean;
  text(stats: GateStats): string;
  /** Of all the weeks before together: counts as what one week had of them. */
  usual(before: GateStats): string;
  /** null: there was nothing to measure. */
  height(stats: GateStats): number | null;
  /** What the tallest bar can be; null: whatever it is. */
  readonly full: number | null;
}

/** The page shows the current week and these. */
const WEEKS_BEFORE = 8;
/** Never rounded up to what was not reached. */
const percent = (share: number): string => `${Math.floor(share * 100)}\u00a0%`;
const average = (count: number): string => String(Number(count.toFixed(count >= 10 ? 0 : 1)));

const number = (label: string, of: (stats: GateStats) => number, isRare: boolean): Measure => ({
  label,
  isRare,
  text: (stats) => String(of(stats)),
  usual: (before) => average(of(before) / WEEKS_BEFORE),
  height: of,
  full: null,
});

const duration = (label: string, of: (stats: GateStats) => number | null): Measure => ({
  label,
  isRare: true,
  text: (stats) => span(of(stats)),
  usual: (before) => span(of(before)),
  height: of,
  full: null,
});

const MEASURES: readonly Measure[] = [
  {
    label: 'SLA kept',
    isRare: true,
    text: ({ slaMet, slaJudged }) =>
      slaJudged === 0 ? '–' : `${percent(slaMet / slaJudged)} (${slaMet}\u00a0of\u00a0${slaJudged})`,
    usual: ({ slaMet, slaJudged }) => (slaJudged === 0 ? '–' : percent(slaMet / slaJudged)),
    height: ({ slaMet, slaJudged }) => (slaJudged === 0 ? null : slaMet / slaJudged),
    full: 1,
  },
  duration('Half decided within', ({ medianMs }) => medianMs),
  duration('Nine in ten within', ({ p90Ms }) => p90Ms),
  number('Opened', ({ opened }) => opened, false),
  number('Approved', ({ approved }) => approved, false),
  number('Rejected', ({ rejected }) => rejected, true),
  number('Cancelled', ({ cancelled }) => cancelled, true),
  number('Reminders', ({ reminders }) => reminders, true),
  number('Escalations', ({ escalations }) => escalations, true),
  number('Nobody decided in time', ({ timeouts }) => timeouts, true),
  number('Bypassed', ({ bypasses }) => bypasses, true),
];

export interface StatsPageProps {
  readonly session: Session;
  readonly stats: StatsView;
}

export function StatsPage({ session, stats }: StatsPageProps): VNode {
  const { weeks, gates, more, own, countedUntil } = stats;
  return (
    <Page title="Figures" session={session} here="figures">
      <main id="content" class="figures" tabIndex={-1}>
        <h1>Figures</h1>
        <p class="muted">
          Of the gates that you have a part in. This week is {weeks.at(-1)}, {days(stats)}, in UTC.
        </p>
        {countedUntil === null ? null : (
          <p class="callout" role="status">
            A long log is still being counted: what came after <Time at={countedUntil} /> is not in these figures yet.
          </p>
        )}
        {own.asked === 0 ? null : <Own own={own} />}
        {gates.length === 0 ? (
          <p class="empty">Nothing was counted at your gates in these nine weeks.</p>
        ) : (
          <div class="gate-figures">
            {gates.map((gate, index) => (
              <GateCard gate={gate} weeks={weeks} id={`gate-${index}`} />
            ))}
          </div>
        )}
        {more === 0 ? null : (
          <p class="muted">
            And {more} more {more === 1 ? 'gate' : 'gates'}: in a chat, “stats GATE” shows each of them.
          </p>
        )}
        <p class="muted">
          “Usual” is the average of the eight weeks before. A request counts in the week in which it ended. Times are
          within 5 %, and leave out pauses. An SLA is kept by a decision of people in time, and missed by silence.
        </p>
      </main>
    </Page>
  );
}

function Own({ own }: { readonly own: OwnStats }): VNode {
  return (
    <section class="card" aria-labelledby="own-title">
      <h2 id="own-title">You, this week and last</h2>
      <dl class="facts">
        <div>
          <dt>Asked</dt>
          <dd>{own.asked}</dd>
        </div>
        <div>
          <dt>Answered</dt>
          <dd>
            {own.votes}
            {own.medianMs === null ? '' : `, half of them within ${span(own.medianMs)}`}
          </dd>
        </div>
        {own.missed === 0 ? null : (
          <div>
            <dt>Ran out of time without your answer</dt>
            <dd>{own.missed}</dd>
          </div>
        )}
      </dl>
      <p class="muted">Only you see this.</p>
    </section>
  );
}

function GateCard(props: { readonly gate: Gate; readonly weeks: readonly string[]; readonly id: string }): VNode {
  const { gate, weeks, id } = props;
  const shown = MEASURES.filter(({ isRare, height }) => !isRare || gate.byWeek.some((week) => (height(week) ?? 0) > 0));
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id} dir="auto">
        {visible(gate.name)}
      </h2>
      <table class="figures-table">
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">Figure</span>
            </th>
            <th scope="col">This week</th>
            <th scope="col">Usual week</th>
            <th scope="col" class="trend-head">
              Week by week
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((measure) => (
            <tr>
              <th scope="row">{measure.label}</th>
              <td class="now">{measure.text(gate.now)}</td>
              <td class="before">{measure.usual(gate.before)}</td>
              <td class="trend">
                <Bars measure={measure} gate={gate} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <details>
        <summary>All nine weeks</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must scroll by keyboard, too */}
        <section class="wide" aria-label={`All weeks of ${visible(gate.name)}`} tabIndex={0}>
          <table class="figures-table all-weeks">
            <thead>
              <tr>
                <th scope="col">Week</th>
                {shown.map(({ label }) => (
                  <th scope="col">{label}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {weeks.map((week, index) => (
                <tr>
                  <th scope="row">{week}</th>
                  {shown.map(({ text }) => (
                    <td>{textAt(gate.byWeek[index], text)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </section>
  );
}

const textAt = (stats: GateStats | undefined, text: Measure['text']): string =>
  stats === undefined ? '–' : text(stats);

const BAR_WIDTH = 8;
const BAR_GAP = 3;
const BAR_HEIGHT = 26;
/** A week with next to nothing still has something to see. */
const LEAST_HEIGHT = 1.5;

/** One bar for each week, the current one stressed; the table and its details say the same in words. */
function Bars({ measure, gate }: { readonly measure: Measure; readonly gate: Gate }): VNode {
  const heights = gate.byWeek.map(measure.height);
  const full = measure.full ?? Math.max(...heights.map((height) => height ?? 0), Number.MIN_VALUE);
  const width = heights.length * (BAR_WIDTH + BAR_GAP) - BAR_GAP;
  return (
    <svg class="bars" viewBox={`0 0 ${width} ${BAR_HEIGHT}`} width={width} height={BAR_HEIGHT} aria-hidden="true">
      {heights.map((height, index) => {
        const tall = height === null ? LEAST_HEIGHT / 2 : Math.max(LEAST_HEIGHT, (height / full) * BAR_HEIGHT);
        const isNow = index === heights.length - 1;
        return (
          <rect
            class={height === null ? 'none' : isNow ? 'now' : 'past'}
            x={index * (BAR_WIDTH + BAR_GAP)}
            y={rounded(BAR_HEIGHT - tall)}
            width={BAR_WIDTH}
            height={rounded(tall)}
            rx={1}
          />
        );
      })}
    </svg>
  );
}

const rounded = (length: number): number => Number(length.toFixed(2));

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const days = ({ from, to }: StatsView): string => `${day.format(from)} to ${day.format(to)}`;

/** "45 s", "12 min", "3 h 5 min", "2 d 4 h"; a number stays with its unit. */
function span(ms: number | null): string {
  if (ms === null) return '–';
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}\u00a0s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes}\u00a0min`;
  const hours = Math.floor(minutes / 60);
  const [large, unit, small, smallUnit] =
    hours < 24 ? [hours, 'h', minutes % 60, 'min'] : [Math.floor(hours / 24), 'd', hours % 24, 'h'];
  return small === 0 ? `${large}\u00a0${unit}` : `${large}\u00a0${unit} ${small}\u00a0${smallUnit}`;
}
