/** src/bot/config/index.ts: what the rest of the bot may use of the config. */
export { isDate, isTimeZone } from './dates.ts';
export { parseDuration } from './duration.ts';
export { normaliseEmail } from './email.ts';
export type { GroupSource, HttpSource, PlatformSource } from './groups.ts';
export { identify } from './identify.ts';
export { reportIssues } from './issues.ts';
export { type Config, loadConfig, parseConfig } from './load.ts';
export { nearest, suggestion } from './nearest.ts';
export { applyOverrides } from './override.ts';
export { directoryOf } from './people.ts';
export { CHAT_PIPELINE, type Pipeline } from './pipelines.ts';
export { ConfigError, type ConfigProblem, type Path, pathText, type Report } from './problem.ts';
export { ConfigShape, type Overrides, overrideShape, type PersonShape } from './shape.ts';
export { type Environ, readYaml } from './yaml.ts';
