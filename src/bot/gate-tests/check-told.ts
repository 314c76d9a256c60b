/** src/bot/gate-tests/check-told.ts: whom a test expects to be told what and when, against what was sent. */
import type { Instant } from '../../engine/definition.ts';
import type { Expectation, ExpectedTelling } from './expect.ts';
import { type Telling, tellingsOf } from './facts.ts';
import { momentText } from './moments.ts';
import { clockHint, type Mismatch, nameOf, type Standing } from './standing.ts';

/** Of what was sent, most lines in one mismatch. */
const MAX_LINES = 20;

/** `told`: each is there, extra ones do no harm. `never`: none to any of these. */
export function tellingMismatches(expectation: Expectation, standing: Standing): readonly Mismatch[] {
  const { told, never, path } = expectation;
  if (told.length === 0 && never.length === 0) return [];
  const { plan, moments, now } = standing;
  const tellings = tellingsOf(moments, plan.scene.routes, now);
  const found: Mismatch[] = [];
  const sentFor = matched(told, tellings);
  for (const [i, expected] of told.entries()) {
    const { times } = expected;
    if (times === null ? sentFor.has(i) : tellings.filter((telling) => fits(expected, telling)).length === times)
      continue;
    found.push({
      path: [...path, 'told', i],
      what: 'told',
      expected: [expectedText(expected, standing)],
      got: nearest(expected, tellings, standing),
      hint: addressHint(expected, standing) ?? (isEarly(expected, tellings, now) ? clockHint(standing) : null),
    });
  }
  for (const [i, unwanted] of never.entries()) {
    const sent = tellings.filter((telling) => touches(unwanted, telling));
    if (sent.length === 0) continue;
    found.push({
      path: [...path, 'never', i],
      what: 'never',
      expected: [`no ${expectedText(unwanted, standing)}`],
      got: bounded(sent.map((telling) => tellingText(telling, standing))),
      hint: null,
    });
  }
  return found;
}

/**
 * Which telling stands for which expectation, each for one: two that are expected are two that were sent. Found by
 * augmenting paths, so that it does not matter in which order they are written. Those with `times` are counted instead.
 */
function matched(told: readonly ExpectedTelling[], tellings: readonly Telling[]): ReadonlySet<number> {
  const takenBy = new Map<Telling, number>();
  const place = (i: number, tried: Set<Telling>): boolean => {
    const expected = told[i];
    if (expected === undefined) return false;
    for (const telling of tellings) {
      if (tried.has(telling) || !fits(expected, telling)) continue;
      tried.add(telling);
      const other = takenBy.get(telling);
      if (other !== undefined && !place(other, tried)) continue;
      takenBy.set(telling, i);
      return true;
    }
    return false;
  };
  return new Set(told.flatMap(({ times }, i) => (times === null && place(i, new Set()) ? [i] : [])));
}

const sameTime = ({ at, kind }: ExpectedTelling, telling: Telling): boolean =>
  (at === null || at === telling.at) && (kind === null || kind === telling.kind);

/** To exactly these. */
const fits = (expected: ExpectedTelling, telling: Telling): boolean =>
  sameTime(expected, telling) &&
  (expected.to === null ||
    (new Set(expected.to).size === telling.to.length && expected.to.every((id) => telling.to.includes(id))));

/** To any of these. */
const touches = (unwanted: ExpectedTelling, telling: Telling): boolean =>
  sameTime(unwanted, telling) && (unwanted.to === null || unwanted.to.some((id) => telling.to.includes(id)));

/** Whether it may only be to come. */
const isEarly = ({ at, kind, times }: ExpectedTelling, tellings: readonly Telling[], now: Instant): boolean =>
  at === null ? times !== 0 && !tellings.some((telling) => telling.kind === kind) : at > now;

/** What was sent of the same kind; where there is nothing of it, everything. */
function nearest({ kind }: ExpectedTelling, tellings: readonly Telling[], standing: Standing): readonly string[] {
  const same = tellings.filter((telling) => kind === null || telling.kind === kind);
  const shown = same.length > 0 ? same : tellings;
  return shown.length === 0 ? ['nothing was sent'] : bounded(shown.map((telling) => tellingText(telling, standing)));
}

const bounded = (lines: readonly string[]): readonly string[] =>
  lines.length <= MAX_LINES ? lines : [...lines.slice(0, MAX_LINES), `and ${lines.length - MAX_LINES} more`];

function expectedText({ at, kind, to, times }: ExpectedTelling, standing: Standing): string {
  const parts = [
    kind ?? 'message',
    to === null ? '' : `to ${namesText(to, standing)}`,
    at === null ? '' : `at ${momentText(at, standing.plan.scene.from)}`,
    times === null ? '' : `× ${times}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

const tellingText = ({ at, kind, to }: Telling, standing: Standing): string =>
  `${kind} to ${namesText(to, standing)} at ${momentText(at, standing.plan.scene.from)}`;

const namesText = (ids: readonly string[], { plan }: Standing): string =>
  [...ids]
    .map((id) => nameOf(id, plan))
    .sort()
    .join(', ');

function addressHint({ to }: ExpectedTelling, { plan }: Standing): string | null {
  const { people } = plan.scene.routes.directory;
  const unreachable = (to ?? []).filter((id) => {
    const person = people.get(id);
    return person !== undefined && person.slack === null && person.teams === null && person.email === null;
  });
  if (unreachable.length === 0) return null;
  const [first = ''] = unreachable;
  return `${nameOf(first, plan)} has no Slack id, Teams id or address in the config, so nothing can be sent there.`;
}
