/** src/adapters/teams/inbound/plain.ts: what may be said of an error in a log: never what it holds on to. */

export function plain(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : typeof error;
}
