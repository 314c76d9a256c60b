/** src/adapters/slack/inbound/events.ts: what happens in a workspace: App Home is opened, groups change, the app goes. */
import type { Context } from '@slack/bolt';
import { plain } from './bolt-log.ts';
import { claimsOfEvent } from './caller.ts';
import { forTeamsOf } from './inbox.ts';
import type { Parts } from './parts.ts';
import { EventCall } from './payloads.ts';

interface Call {
  readonly body: unknown;
  readonly context: Context;
}

export function onEvent({ identify, home, usergroups, workspaces, log }: Parts): (call: Call) => Promise<void> {
  /** Asks Slack whether the token still holds; what it says is what is wrong with the workspace from then on. */
  const probe = async (team: string): Promise<void> => {
    await workspaces
      .call(team, 'auth.test', {})
      .catch((error) => log.warn({ error: plain(error), team }, 'token gone'));
  };

  return async ({ body, context }) => {
    const call = EventCall.parse(body);
    const { event } = call;
    const caller = identify(claimsOfEvent(call), forTeamsOf(context));
    const { team } = caller;
    if (team === null) return;
    switch (event.type) {
      case 'app_home_opened':
        if (event.tab !== 'home') return;
        return caller.kind === 'person' ? home.publish(caller) : home.explain(team, event.user, caller.words);
      case 'subteam_members_changed':
        return usergroups.invalidate(team, event.subteam_id);
      case 'subteam_updated':
        return usergroups.invalidate(team, event.subteam.id);
      case 'tokens_revoked':
        if (event.tokens.bot.length === 0) return;
        log.error({ team }, 'Slack has revoked our token in a workspace');
        return probe(team);
      case 'app_uninstalled':
        log.error({ team }, 'the app was removed from a workspace');
        return probe(team);
    }
  };
}
