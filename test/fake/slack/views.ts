/** test/fake/slack/views.ts: views.open, push, update and publish. */
import { assertView } from './blocks.ts';
import { named } from './chat.ts';
import type { Method, MethodCall } from './method.ts';
import { type Fields, isFields, listAt, need, optional, SlackError, textAt } from './wire.ts';
import type { FakeView } from './world.ts';

/** Modals on top of each other. */
const STACK = 3;

export const views: Readonly<Record<string, Method>> = {
  'views.open': { tier: 4, run: open },
  'views.push': { tier: 4, run: push },
  'views.update': { tier: 4, run: update },
  'views.publish': { tier: 4, run: publish },
};

function open(call: MethodCall): Fields {
  const view = viewOf(call, 'modal');
  const { user } = call.state.useTrigger(need(call.args, 'trigger_id'));
  return answer(call, keep(call, view, user, null));
}

function push(call: MethodCall): Fields {
  const view = viewOf(call, 'modal');
  const { user } = call.state.useTrigger(need(call.args, 'trigger_id'));
  const isMine = (one: FakeView) => one.team === call.workspace.team && one.user === user && one.isOpen;
  const stack = call.state.views.filter(isMine);
  const below = stack.at(-1);
  if (below === undefined) throw new SlackError('not_found');
  const depth = stack.filter(({ rootId }) => rootId === below.rootId).length;
  if (depth >= STACK) throw new SlackError('push_limit_reached');
  return answer(call, keep(call, view, user, below));
}

function update(call: MethodCall): Fields {
  const { state, workspace, args } = call;
  const view = viewOf(call, 'modal');
  const [id, externalId, hash] = [optional(args, 'view_id'), optional(args, 'external_id'), optional(args, 'hash')];
  const known = state.views.find(
    (one) => one.team === workspace.team && (id !== null ? one.id === id : one.externalId === externalId),
  );
  if ((id === null && externalId === null) || known === undefined || !known.isOpen) throw new SlackError('not_found');
  if (hash !== null && hash !== known.hash) throw new SlackError('hash_conflict');
  change(call, known, view);
  return answer(call, known);
}

function publish(call: MethodCall): Fields {
  const { state, workspace, args } = call;
  const view = viewOf(call, 'home');
  const user = need(args, 'user_id');
  if (!workspace.users.has(user)) throw new SlackError('user_not_found');
  const name = `${workspace.team}/${user}`;
  const known = state.homes.get(name);
  const hash = optional(args, 'hash');
  if (known === undefined) {
    const created = make(call, view, user, null);
    state.homes.set(name, created);
    return answer(call, created);
  }
  if (hash !== null && hash !== known.hash) throw new SlackError('hash_conflict');
  change(call, known, view);
  return answer(call, known);
}

function viewOf({ args }: MethodCall, type: 'modal' | 'home'): Fields {
  const { view } = args;
  if (!isFields(view)) throw new SlackError('invalid_arguments');
  assertView(view, type);
  return view;
}

function make({ state, workspace }: MethodCall, view: Fields, user: string, below: FakeView | null): FakeView {
  const id = `V${state.next().toString(36).toUpperCase().padStart(6, '0')}`;
  return {
    id,
    team: workspace.team,
    user,
    rootId: below?.rootId ?? id,
    previousId: below?.id ?? null,
    externalId: textAt(view, 'external_id'),
    view: { ...view, blocks: named(state, listAt(view, 'blocks').filter(isFields)) },
    hash: `${state.next()}.${state.clock()}`,
    updates: 0,
    isOpen: true,
  };
}

function keep(call: MethodCall, view: Fields, user: string, below: FakeView | null): FakeView {
  const created = make(call, view, user, below);
  const isTaken = call.state.views.some((one) => one.isOpen && one.externalId === created.externalId);
  if (created.externalId !== null && isTaken) throw new SlackError('duplicate_external_id');
  call.state.views.push(created);
  return created;
}

function change({ state }: MethodCall, known: FakeView, view: Fields): void {
  known.view = { ...view, blocks: named(state, listAt(view, 'blocks').filter(isFields)) };
  known.hash = `${state.next()}.${state.clock()}`;
  known.updates += 1;
}

function answer({ workspace }: MethodCall, view: FakeView): Fields {
  return { view: wireView(view, workspace.bot) };
}

/** A view as answers and interaction payloads show it. */
export function wireView(known: FakeView, bot: { readonly appId: string; readonly botId: string }): Fields {
  return {
    private_metadata: '',
    callback_id: '',
    ...known.view,
    id: known.id,
    team_id: known.team,
    app_id: bot.appId,
    bot_id: bot.botId,
    app_installed_team_id: known.team,
    root_view_id: known.rootId,
    previous_view_id: known.previousId,
    external_id: known.externalId ?? '',
    hash: known.hash,
  };
}
