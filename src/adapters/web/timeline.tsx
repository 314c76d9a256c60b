/** src/adapters/web/timeline.tsx: a timeline in words: a table, and what comes next of a request as a list. */
import type { VNode } from 'preact';
import type { SimulatedEntry, SimulatedTell, Simulation } from '../simulation.ts';
import { visible } from '../text.ts';
import { Names, Time, User } from './layout.tsx';
import { localWords, Mark } from './timeline-picture.tsx';

/** Everything that happens, row by row. */
export function TimelineTable({ simulation }: { readonly simulation: Simulation }): VNode | null {
  if (simulation.timeline.length === 0) return null;
  const opened = Date.parse(simulation.at);
  return (
    <table class="steps">
      <caption class="unseen">Everything that happens, in order of time</caption>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">What</th>
          <th scope="col">Messages</th>
        </tr>
      </thead>
      <tbody>
        {simulation.timeline.map((entry) => (
          <Row entry={entry} opened={opened} zone={simulation.timezone} />
        ))}
      </tbody>
    </table>
  );
}

function Row(props: { readonly entry: SimulatedEntry; readonly opened: number; readonly zone: string }): VNode {
  const { entry, opened, zone } = props;
  const ways = waysOf(entry, zone);
  return (
    <tr>
      <th scope="row">
        {localWords(entry.at, zone)} <span class="muted">+{durationWords(Date.parse(entry.at) - opened)}</span>
      </th>
      <td>
        <svg viewBox="-10 -10 20 20" width="15" height="15" aria-hidden="true">
          <Mark what={entry.what} x={0} y={0} />
        </svg>{' '}
        {visible(entry.sentence)}
        {entry.what !== 'asked' ? null : (
          <>
            {': '}
            <Names people={entry.people} />
          </>
        )}
      </td>
      <td>
        {ways.length === 0 ? null : (
          <ul>
            {ways.map((way) => (
              <li>{visible(way)}</li>
            ))}
          </ul>
        )}
      </td>
    </tr>
  );
}

/** "# releases: slack", "Ana Silva: slack, email, kept back until Mon 23 Nov 09:00" */
function waysOf({ at, tells }: SimulatedEntry, zone: string): readonly string[] {
  const ways = new Map<string, Set<string>>();
  for (const tell of tells) {
    const later = tell.at === at ? '' : `, kept back until ${localWords(tell.at, zone)}`;
    const key = `${targetOf(tell)}\n${later}`;
    ways.set(key, (ways.get(key) ?? new Set()).add(tell.kind === 'history' ? `${tell.via} thread` : tell.via));
  }
  return [...ways].map(([key, via]) => {
    const [target = '', later = ''] = key.split('\n');
    return `${target}: ${[...via].join(', ')}${later}`;
  });
}

function targetOf({ channel, person, kind, sentence }: SimulatedTell): string {
  if (channel !== null) return `# ${channel}`;
  if (person !== null) return person.name;
  return `${kind} ${sentence}`;
}

/** "1 d 6 h": the two largest units. */
export function durationWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const parts = [days > 0 ? `${days} d` : '', hours > 0 ? `${hours} h` : '', rest > 0 ? `${rest} min` : ''];
  const words = parts.filter((part) => part !== '').slice(0, 2);
  return words.length === 0 ? '0 min' : words.join(' ');
}

/** Longest list on the page of a request. */
const MOST_NEXT = 8;

/** What comes of a pending request when nobody does anything, on its own page. */
export function Next({ entries }: { readonly entries: readonly SimulatedEntry[] }): VNode | null {
  if (entries.length === 0) return null;
  const rest = entries.length - MOST_NEXT;
  return (
    <section class="card" aria-labelledby="next-title">
      <h2 id="next-title">What happens next</h2>
      <p class="muted">If nobody does anything:</p>
      <ol class="next">
        {entries.slice(0, MOST_NEXT).map((entry) => (
          <li>
            <svg viewBox="-10 -10 20 20" width="15" height="15" aria-hidden="true">
              <Mark what={entry.what} x={0} y={0} />
            </svg>
            <span>
              <Time at={Date.parse(entry.at)} />: <User name={entry.sentence} />
            </span>
          </li>
        ))}
      </ol>
      {rest > 0 ? <p class="muted">And more after that.</p> : null}
    </section>
  );
}
