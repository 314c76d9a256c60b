/** src/bot/secrets.ts: what must never show in the log, gathered from the environment and the config. */
import { unescape as decoded } from 'node:querystring';
import type { Config } from './config/index.ts';

/** Whatever the environment calls a secret. */
export const secretsOf = (env: Readonly<Record<string, string | undefined>>): string[] =>
  Object.entries(env).flatMap(([name, value]) => {
    if (name === 'DATABASE_URL') return passwordsIn(value ?? '');
    return /TOKEN|SECRET|PASSWORD|SMTP_URL/.test(name) && value ? [value] : [];
  });

/** Those that stand in the config itself among them. */
export const secretsIn = ({ pipelines, workspaces }: Pick<Config, 'pipelines' | 'workspaces'>): string[] => [
  ...pipelines.flatMap(({ callbackSecrets }) => callbackSecrets),
  ...workspaces.flatMap(({ botToken, signingSecret }) => [botToken, signingSecret ?? '']),
];

/** As it stands in the address, and as it is meant. */
function passwordsIn(url: string): string[] {
  const password = URL.canParse(url) ? new URL(url).password : '';
  return password === '' ? [] : [password, decoded(password)];
}
