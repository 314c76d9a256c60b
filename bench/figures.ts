/** bench/figures.ts: what was measured, against what was aimed at, and the table that shows it. */

export interface Figure {
  readonly suite: string;
  readonly what: string;
  /** The median of the rounds. */
  readonly value: number;
  readonly least?: number;
  readonly most?: number;
  readonly unit: string;
  readonly aim?: { readonly kind: 'atLeast' | 'atMost'; readonly value: number };
  /** What the number rests on. */
  readonly note?: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/** One figure from several rounds. */
export const spread = (values: readonly number[]): Pick<Required<Figure>, 'value' | 'least' | 'most'> => ({
  value: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
});

export function isReached({ value, aim }: Figure): boolean | null {
  if (aim === undefined) return null;
  return aim.kind === 'atLeast' ? value >= aim.value : value <= aim.value;
}

export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { suite, what, value, least, most, unit, aim, note } = figure;
    const reached = isReached(figure);
    const range =
      least === undefined || most === undefined || least === most ? '' : ` (${short(least)}–${short(most)})`;
    const goal = aim === undefined ? '' : `${aim.kind === 'atLeast' ? '≥' : '≤'} ${short(aim.value)}`;
    const mark = reached === null ? '' : reached ? '✓' : '✗';
    return [suite, what, `${short(value)}${range} ${unit}`.trim(), goal, mark, note ?? ''];
  });
  const all = [['suite', 'what', 'figure', 'aim', '', ''], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function short(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(size >= 10 ? 1 : 2);
}
