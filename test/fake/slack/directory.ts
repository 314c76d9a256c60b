/** test/fake/slack/directory.ts: auth.test, bots.info, users.* and usergroups.users.list. */
import type { Method, MethodCall } from './method.ts';
import { type Fields, need, SlackError } from './wire.ts';
import type { FakeUser } from './world.ts';

export const directory: Readonly<Record<string, Method>> = {
  'auth.test': { tier: 'special', run: authTest },
  'bots.info': { tier: 3, scopes: () => ['users:read'], run: botsInfo },
  'users.info': { tier: 4, scopes: () => ['users:read'], run: usersInfo },
  'users.lookupByEmail': { tier: 3, scopes: () => ['users:read.email'], run: lookupByEmail },
  'usergroups.users.list': { tier: 2, scopes: () => ['usergroups:read'], run: groupMembers },
};

function authTest({ workspace: { team, bot } }: MethodCall): Fields {
  return {
    url: 'https://acme.slack.com/',
    team: 'Acme',
    user: 'countersign',
    team_id: team,
    user_id: bot.userId,
    bot_id: bot.botId,
    is_enterprise_install: false,
  };
}

function botsInfo({ workspace: { bot }, args }: MethodCall): Fields {
  if (need(args, 'bot') !== bot.botId) throw new SlackError('bot_not_found');
  return {
    bot: { id: bot.botId, deleted: false, name: 'Countersign', user_id: bot.userId, app_id: bot.appId, updated: 1 },
  };
}

function usersInfo(call: MethodCall): Fields {
  const user = call.workspace.users.get(need(call.args, 'user'));
  if (user === undefined) throw new SlackError('user_not_found');
  return { user: wireUser(call, user) };
}

function lookupByEmail(call: MethodCall): Fields {
  const email = need(call.args, 'email').toLowerCase();
  const user = [...call.workspace.users.values()].find((one) => one.email === email && !one.deleted);
  if (user === undefined) throw new SlackError('users_not_found');
  return { user: wireUser(call, user) };
}

function groupMembers({ workspace, args }: MethodCall): Fields {
  const users = workspace.usergroups.get(need(args, 'usergroup'));
  if (users === undefined) throw new SlackError('no_such_subteam');
  return { users };
}

function wireUser({ workspace }: MethodCall, user: FakeUser): Fields {
  return {
    id: user.id,
    team_id: workspace.team,
    name: user.name.toLowerCase().replaceAll(' ', '.'),
    real_name: user.name,
    deleted: user.deleted,
    is_bot: user.isBot,
    is_restricted: user.isRestricted,
    tz: 'Europe/Lisbon',
    profile: {
      real_name: user.name,
      display_name: user.name,
      ...(workspace.scopes.has('users:read.email') ? { email: user.email } : {}),
    },
  };
}
