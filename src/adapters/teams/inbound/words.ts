/** src/adapters/teams/inbound/words.ts: what Teams' side alone has to say; everything about approvals is the engine's. */
import type { PlatformUser } from '../../chat.ts';

export const UNAVAILABLE = 'This could not be recorded just now, so nothing was changed. Please try again in a moment.';
export const NOT_ITS_SURFACE =
  'This button does not belong to the card it came from, so nothing was counted. Please open the request and decide there.';
export const NOT_READ =
  'This button can’t be read here, so nothing was counted. Please open the request and decide there.';
export const STILL_WORKING =
  'This takes longer than usual. The card will show what was recorded; please look at it in a moment before you try again.';
export const FAILED = 'Something went wrong here. Please look at the request before you try again.';
export const RECORDED = 'Recorded.';
export const NOT_IN_DIRECTORY = 'This person is not in the directory, so they cannot decide in your place.';
export const NOBODY =
  'Teams does not say who you are in this organisation, so nothing was counted. Guests and anonymous participants cannot decide here.';
export const ELSEWHERE = 'I have answered in our own chat, as the answer is for you alone.';
export const NOT_ELSEWHERE =
  'The answer is for you alone, and I could not reach you in a chat of our own. Please add this app for yourself and ask me there.';
export const WELCOME =
  'Hello. I bring approvals to those who decide: a card with what is asked, and buttons to answer it. Say “help” to see what else I understand.';

/** Kind, and of use to whoever can change it: the id is what the configuration asks for. */
export const strangerWords = ({ scope, id }: PlatformUser): string =>
  `You are not in the directory of this approval service, so nothing was counted. If you should be, ask whoever runs it to add you as ${scope}/${id}.`;
