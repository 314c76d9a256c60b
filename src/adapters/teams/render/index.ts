/** src/adapters/teams/render/index.ts: what the rest of the Teams adapter draws with. Pure: a view in, a card out. */
export type { Card, Mention } from './card.ts';
export { needsForm } from './forms.ts';
export { REFRESH_MOST } from './limits.ts';
export { notice, told } from './notice.ts';
export { reply } from './reply.ts';
export { stepCard } from './step-card.ts';
export { errorWords, readData, readInputs, type SubmittedAction } from './submission.ts';
export { summary } from './summary.ts';
export { type SurfaceAt, surface } from './surface.ts';
