/** src/bot/config/index.ts: what the rest of the bot may use of the config. */
export { parseDuration } from './duration.ts';
export { normaliseEmail } from './email.ts';
export { reportIssues } from './issues.ts';
export { type Config, loadConfig, parseConfig } from './load.ts';
export { nearest, suggestion } from './nearest.ts';
export { applyOverrides } from './override.ts';
export type { GroupSource } from './people.ts';
export { CHAT_PIPELINE, type Pipeline } from './pipelines.ts';
export { ConfigError } from './problem.ts';
export { type Overrides, overrideShape } from './shape.ts';
