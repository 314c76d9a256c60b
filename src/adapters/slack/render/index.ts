/** src/adapters/slack/render/index.ts: what the rest of the Slack adapter draws with. Pure: a view in, blocks out. */
export type { Drawn } from './blocks.ts';
export { needsModal } from './buttons.ts';
export { detailsModal } from './details.ts';
export { homeView } from './lists.ts';
export { surface } from './message.ts';
export { type ModalMetadata, type Origin, readMetadata, readOrigin } from './metadata.ts';
export { CALLBACKS, OURS } from './names.ts';
export { notice, told } from './notice.ts';
export { loadingModal, messageModal } from './plain-modals.ts';
export { reply } from './reply.ts';
export { stepModal } from './step-modal.ts';
export { type BlockErrors, errorsFor, readSubmission, type SubmittedAction } from './submission.ts';
