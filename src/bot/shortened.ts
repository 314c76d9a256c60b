/** src/bot/shortened.ts: text made to fit, visibly. */

/** At most `limit` UTF-16 units, ending in "…" if anything was cut off; no character is cut in half. */
export function shortened(text: string, limit: number): string {
  const whole = text.toWellFormed().trim();
  return whole.length <= limit ? whole : `${whole.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
