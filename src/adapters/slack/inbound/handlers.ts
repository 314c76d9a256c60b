/** src/adapters/slack/inbound/handlers.ts: the few listeners that Bolt walks through for every call. */
import type { App, BlockAction, ViewSubmitAction } from '@slack/bolt';
import { OURS } from '../render/index.ts';
import { onClick } from './clicks.ts';
import { onCommand } from './commands.ts';
import { onEvent } from './events.ts';
import type { Parts } from './parts.ts';
import { onSubmission } from './submissions.ts';

const ALL_OURS = new RegExp(`^${OURS.replaceAll('.', '\\.')}`);
/** The others are acknowledged and that is that. */
const EVENTS = /^(app_home_opened|subteam_members_changed|subteam_updated|app_uninstalled|tokens_revoked)$/;

/** One listener for each kind of call: Bolt asks each of them about every call, so few are fast. */
export function listen(app: App, parts: Parts): void {
  app.action<BlockAction>(ALL_OURS, onClick(parts));
  app.view<ViewSubmitAction>(ALL_OURS, onSubmission(parts));
  app.command(/^\//, onCommand(parts));
  app.event(EVENTS, onEvent(parts));
}
