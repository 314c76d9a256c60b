/** src/adapters/slack/send/metadata.ts: what a message says to programs, so that it is found again. */
import type { Outgoing } from '../../channel.ts';

export const METADATA_TYPE = 'countersign_surface';

/** Ids only: every app in the workspace may read it. */
export const metadataOf = ({ key, view }: Outgoing) => ({
  event_type: METADATA_TYPE,
  event_payload: { key, request: view.id },
});
