/** src/bot/secrets.ts: what must never show in the log, gathered from the environment and the config. */
import { unescape as decoded } from 'node:querystring';
import type { Config, HttpSource } from './config/index.ts';

/** Shorter parts of a header are words, such as `Bearer`. */
const SHORTEST_KEY = 12;
/** Headers whose values everybody knows. */
const PLAIN = new Set(['accept', 'accept-language', 'content-type', 'user-agent', 'from']);

/** Whatever the environment calls a secret. */
export const secretsOf = (env: Readonly<Record<string, string | undefined>>): string[] =>
  Object.entries(env).flatMap(([name, value]) => {
    if (name === 'DATABASE_URL') return passwordsIn(value ?? '');
    return /TOKEN|SECRET|PASSWORD|SMTP_URL/.test(name) && value ? [value] : [];
  });

/** Those that stand in the config itself among them. */
export const secretsIn = ({
  pipelines,
  workspaces,
  absenceCalendars,
  sources,
}: Pick<Config, 'pipelines' | 'workspaces' | 'absenceCalendars' | 'sources'>): string[] => [
  ...[...sources.values()].flatMap((source) => (source.platform === 'http' ? keysOf(source) : [])),
  ...absenceCalendars.values(),
  ...pipelines.flatMap(({ callbackSecrets }) => callbackSecrets),
  ...workspaces.flatMap(({ botToken, signingSecret }) => [botToken, signingSecret ?? '']),
];

/** What a directory knows us by: headers, whole and in their parts (`Token token=…`), and what the address asks with. */
function keysOf({ url, headers }: HttpSource): string[] {
  const telling = Object.entries(headers).filter(([name]) => !PLAIN.has(name));
  const parts = telling.flatMap(([, value]) => [value, ...value.split(/[\s=,;]+/)]);
  const asked = URL.canParse(url) ? [...new URL(url).searchParams.values()] : [];
  return [...parts, ...asked].filter((part) => part.length >= SHORTEST_KEY);
}

/** As it stands in the address, and as it is meant. */
function passwordsIn(url: string): string[] {
  const password = URL.canParse(url) ? new URL(url).password : '';
  return password === '' ? [] : [password, decoded(password)];
}
