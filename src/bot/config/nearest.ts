/** src/bot/config/nearest.ts: what somebody probably meant to write. */

/** A directory may hold tens of thousands of names, and a file as many slips. */
const MAX_CANDIDATES = 2_000;

/** The candidate that differs from `word` by at most `slips` letters (two; one in words of up to four), or null. */
export function nearest(
  word: string,
  candidates: Iterable<string>,
  slips: number = word.length <= 4 ? 1 : 2,
): string | null {
  let best: string | null = null;
  let least = slips + 1;
  let looked = 0;
  for (const candidate of candidates) {
    if (++looked > MAX_CANDIDATES) break;
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** `, did you mean "x"?` to end a message with, or nothing. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const candidate = nearest(word, candidates);
  return candidate === null ? '' : `, did you mean "${candidate}"?`;
}

/** Levenshtein's distance in which two letters that changed places count once, as slips of the fingers do. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, i) => i)];
  const at = (i: number, k: number) => rows[i]?.[k] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let k = 1; k <= b.length; k++) {
      const changed = at(i - 1, k - 1) + (a[i - 1] === b[k - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[k - 2] && a[i - 2] === b[k - 1] ? at(i - 2, k - 2) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(changed, swapped, at(i - 1, k) + 1, at(i, k - 1) + 1));
    }
  }
  return at(a.length, b.length);
}
