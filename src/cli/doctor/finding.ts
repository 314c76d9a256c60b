/** src/cli/doctor/finding.ts: one thing that the doctor found. */
export interface Finding {
  readonly mark: 'ok' | 'look' | 'bad';
  readonly text: string;
  readonly advice?: string;
}

export const ok = (text: string): Finding => ({ mark: 'ok', text });
export const look = (text: string, advice: string): Finding => ({ mark: 'look', text, advice });
export const bad = (text: string, advice?: string): Finding => ({
  mark: 'bad',
  text,
  ...(advice !== undefined && { advice }),
});
