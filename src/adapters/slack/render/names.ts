/** src/adapters/slack/render/names.ts: the ids by which Slack sends back what we drew. */
import type { FieldDefinition } from '../../../engine/definition.ts';

/** Every button, menu and modal of ours begins with it, so one listener hears them all. */
export const OURS = 'countersign.';
/** A button or menu whose value is a control. `countersign.act.approve`, `countersign.act.details`, … */
export const ACT = `${OURS}act.`;
/** A button that is a link: Slack tells of the click, and there is nothing to do. */
export const OPEN_LINK = `${OURS}link`;

export const CALLBACKS = {
  /** A form to submit; its private_metadata says which. */
  step: `${OURS}step`,
  details: `${OURS}details`,
  /** Nothing to submit: words, or the wait for a view. */
  message: `${OURS}message`,
  home: `${OURS}home`,
} as const;

/** The one element inside each input block. */
export const INPUT = `${OURS}input`;

/** Input blocks, by which a modal's errors find their place. */
export const BLOCKS = {
  reason: 'reason',
  text: 'text',
  to: 'to',
  duration: 'for',
  until: 'until',
} as const;

/** Fields of a gate's form have a prefix, so that a field called `reason` is not the reason. */
export const fieldBlock = (field: Pick<FieldDefinition, 'id'>): string => `f.${field.id}`;
