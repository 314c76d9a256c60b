/** src/adapters/slack/inbound/words.ts: what Slack's side alone has to say; everything about approvals is the engine's. */
import type { PlatformUser } from '../../chat.ts';

export const UNAVAILABLE = 'This could not be recorded just now, so nothing was changed. Please try again in a moment.';
export const UNREADY =
  'Nothing was recorded: the connection to Slack is still being set up. Please try again in a moment.';
export const NOT_ITS_SURFACE =
  'This button does not belong to the message it came from, so nothing was counted. Please open the request and decide there.';
export const NOT_OPENED = 'Slack could not open the form in time. Nothing was recorded; please click again.';
export const NOT_PROVEN = 'This call could not be matched with this workspace, so nothing was counted.';
export const FAILED = 'Something went wrong here. Please look at the request before you try again.';
export const RECORDED = 'Recorded.';
export const NOT_IN_DIRECTORY = 'This person is not in the directory, so they cannot decide in your place.';

/** Kind, and of use to whoever can change it: the id is what the configuration asks for. */
export const strangerWords = ({ scope, id }: PlatformUser): string =>
  `You are not in the directory of this approval service, so nothing was counted. If you should be, ask whoever runs it to add you as ${scope}/${id}.`;
