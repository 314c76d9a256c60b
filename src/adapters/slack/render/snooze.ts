/** src/adapters/slack/render/snooze.ts: how long a reminder may be put off with one choice. */

export const SNOOZES = [
  { id: '1h', words: '1 hour', ms: 3_600_000 },
  { id: '4h', words: '4 hours', ms: 14_400_000 },
  { id: '1d', words: '1 day', ms: 86_400_000 },
  { id: '3d', words: '3 days', ms: 259_200_000 },
] as const;

/** Milliseconds; null: none of the choices. */
export const snoozeMs = (id: string | null): number | null => SNOOZES.find((choice) => choice.id === id)?.ms ?? null;
