/**
 * src/adapters/teams/inbound/arrivals.ts: the app comes into a conversation, or goes. Teams tells of an installation
 * twice, in two kinds of activity: it is greeted once.
 */
import type { Arrival } from './activity.ts';
import { WELCOME_MS } from './limits.ts';
import type { At, Parts } from './parts.ts';
import { plain } from './plain.ts';
import { WELCOME } from './words.ts';

/** Never rejects. */
export function onArrival(parts: Parts): (activity: Arrival, at: At) => Promise<void> {
  const { voice, once, log } = parts;

  return async (activity, { tenant }) => {
    const change = changeOf(activity);
    if (change === 'gone') return voice.forget(activity);
    await voice.learn(activity, tenant);
    if (activity.type === 'conversationUpdate') voice.changed(activity);
    if (change !== 'here') return;
    try {
      const name = `welcome ${activity.conversation.id}`;
      const card = voice.draw({ kind: 'text', text: WELCOME });
      await once.do(
        [{ name, forMs: WELCOME_MS }],
        () => voice.answer(activity, card),
        () => true,
      );
    } catch (error) {
      log.warn({ error: plain(error) }, 'a conversation could not be greeted');
    }
  };
}

/** What it says about the bot itself; null: about others, or the app was only renewed. */
function changeOf(activity: Arrival): 'here' | 'gone' | null {
  if (activity.type === 'installationUpdate') {
    if (activity.action === 'add') return 'here';
    return activity.action === 'remove' ? 'gone' : null;
  }
  const isBot = ({ id }: { readonly id: string }): boolean => id === activity.recipient.id;
  if (activity.membersAdded?.some(isBot) === true) return 'here';
  return activity.membersRemoved?.some(isBot) === true ? 'gone' : null;
}
