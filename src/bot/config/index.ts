/** src/bot/config/index.ts: what the rest of the bot may use of the config. */
export { parseDuration } from './duration.ts';
export { normaliseEmail } from './email.ts';
export { type ChannelTarget, type Config, loadConfig, parseConfig } from './load.ts';
export { reportIssues } from './issues.ts';
export { applyOverrides } from './override.ts';
export type { Permission, Pipeline } from './pipelines.ts';
export { ConfigError, type ConfigProblem } from './problem.ts';
export { type Overrides, overrideShape } from './shape.ts';
