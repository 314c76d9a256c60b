/** src/adapters/slack/render/plain-modals.ts: modals with nothing to fill in: a word to the person, and the wait for a view. */
import type { types } from '@slack/bolt';
import { SLACK_LIMITS } from './limits.ts';
import { CALLBACKS } from './names.ts';
import { plain, plainLines } from './text.ts';

/** @param text plain words, no markup */
export const messageModal = (title: string, text: string): types.ModalView => ({
  type: 'modal',
  callback_id: CALLBACKS.message,
  title: plain(title, SLACK_LIMITS.modalTitle),
  close: plain('Close', SLACK_LIMITS.modalButton),
  blocks: [{ type: 'section', text: plainLines(text, SLACK_LIMITS.sectionText) }],
});

/** Opened at once, since a trigger lives three seconds; replaced when the real one is drawn. */
export const loadingModal = (): types.ModalView => messageModal('One moment', 'Looking up the request …');
