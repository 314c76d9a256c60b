/** test/bot/config/given.ts: configs for tests, from snippets. */
import { type Config, ConfigError, parseConfig } from '../../../src/bot/config/index.ts';

export const env = {
  CI_TOKEN: 'tok_0123456789abcdef',
  CI_CALLBACK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
};
export const now = Date.parse('2026-01-05T12:00:00Z');

/** People and groups that the snippets may speak of. */
export const somebody = `
people:
  ana: { email: ana@acme.dev, manager: mia }
  ben: { email: ben@acme.dev }
  mia: { email: mia@acme.dev }
groups:
  managers: [ana, ben]
  oncall: { slackUsergroup: S0ONCALL }
channels:
  releases: { slack: C0RELEASES }
calendars:
  office: { timezone: UTC, hours: "mon-fri 09:00-18:00" }
`;

export function load(text: string, environ: Readonly<Record<string, string>> = env): Config {
  return parseConfig(text, 'countersign.yaml', environ, now);
}

/** What is wrong with a config, without the name of the file; empty when nothing is. */
export function problems(text: string, environ: Readonly<Record<string, string>> = env): readonly string[] {
  try {
    load(text, environ);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n').map((line) => line.replace(/^countersign\.yaml:/, ''));
  }
}

/** What is wrong with one gate, without line and column. */
export function gateProblems(gate: string): readonly string[] {
  return problems(`${somebody}gates:\n  deploy: ${gate}\n`).map((line) => line.replace(/^\d+:\d+ gates\./, ''));
}
