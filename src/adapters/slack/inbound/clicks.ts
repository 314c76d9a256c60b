/** src/adapters/slack/inbound/clicks.ts: buttons and menus, in messages, private answers, App Home and modals. */

import type { AckFn, Context } from '@slack/bolt';
import type { RequestId } from '../../../engine/request.ts';
import { inTime } from '../../patience.ts';
import { listWords } from '../../words.ts';
import { readControl } from '../control.ts';
import { CALLBACKS, detailsModal, type Origin, readOrigin, reply } from '../render/index.ts';
import { type Answer, answerTo } from './act.ts';
import type { Place } from './answers.ts';
import { plain } from './bolt-log.ts';
import { type Caller, claimsOfClick } from './caller.ts';
import { forTeamsOf } from './inbox.ts';
import type { Parts } from './parts.ts';
import { Click } from './payloads.ts';
import { FAILED, NOT_OPENED, RECORDED, UNAVAILABLE } from './words.ts';

type Person = Extract<Caller, { kind: 'person' }>;

interface Call {
  readonly ack: AckFn<void>;
  readonly body: unknown;
  readonly context: Context;
}

export function onClick(parts: Parts): (call: Call) => Promise<void> {
  const { identify, answers, patience, log } = parts;

  return async ({ ack, body, context }) => {
    const click = Click.parse(body);
    const [action] = click.actions;
    const control = readControl(action?.value ?? action?.selected_option?.value ?? '');
    if (control === null) return ack(); // a link, or nothing that we drew
    const caller = identify(claimsOfClick(click), forTeamsOf(context));
    const place = placeOf(click, caller.team);
    if (caller.kind === 'stranger') {
      await ack();
      return answers.tell(place, caller.words);
    }
    const work = answerTo(parts, control, { person: caller.person, origin: place.origin });
    const answer = await inTime(work, patience.click);
    await ack(); // only now: a click that is acknowledged without a word is on disk
    if (answer !== 'late') return give(parts, answer, place, caller);
    log.warn({ user: caller.user.id, control: control.kind }, 'a click took longer than Slack waits');
    try {
      const late = await work;
      await (late.kind === 'done' ? answers.tell(place, RECORDED) : give(parts, late, place, caller));
    } catch (error) {
      log.error({ error: plain(error) }, 'a click failed after its time');
      await answers.tell(place, FAILED);
    }
  };
}

async function give(parts: Parts, answer: Answer, place: Place, caller: Person): Promise<void> {
  const { ports, answers, home, log } = parts;
  const { team, person, user } = caller;
  switch (answer.kind) {
    case 'words':
      return answers.tell(place, answer.words);
    case 'modal':
      if (place.viewId !== null && answer.view.callback_id === CALLBACKS.details)
        return answers.redraw(team, place.viewId, answer.view);
      try {
        return await answers.open(place, answer.view);
      } catch (error) {
        log.warn({ error: plain(error), user: user.id }, 'a form could not be opened');
        return answers.tell(place, NOT_OPENED);
      }
    case 'page':
      if (place.kind === 'home') return home.publish(caller, { list: answer.list, after: answer.after });
      return turnPage(parts, answer, place, caller);
    case 'done': {
      // A surface is brought up to date for everybody; what one person alone sees is brought up to date here.
      if (place.kind === 'reply') return answers.tell(place, RECORDED);
      if (place.viewId !== null) {
        const view = await ports.view(answer.request, { kind: 'person', person });
        const at = { link: ports.link(answer.request), origin: place.origin };
        if (view !== null) await answers.redraw(team, place.viewId, detailsModal(view, at));
      }
      if (place.origin === null) await home.publish(caller);
    }
  }
}

/** The next page of a list takes the place of the one before it. */
async function turnPage(
  { ports, answers, log }: Parts,
  { list, after }: Extract<Answer, { kind: 'page' }>,
  place: Place,
  { person }: Person,
): Promise<void> {
  if (place.responseUrl === null) return;
  try {
    const page = await ports.list(person, list, after ?? undefined);
    const { heading, empty } = listWords[list];
    const at = { link: (id: RequestId) => ports.link(id), now: ports.now() };
    await answers.respond(place.responseUrl, reply({ kind: 'list', list, heading, empty, page }, at), true);
  } catch (error) {
    log.error({ error: plain(error) }, 'a list could not be read');
    await answers.tell(place, UNAVAILABLE);
  }
}

/** Where the click was: the surface is the message as Slack names it, never what the button says. */
function placeOf(click: Click, team: string | null): Place {
  const { container, channel, view, user, trigger_id: trigger } = click;
  const channelId = container.channel_id ?? channel?.id ?? null;
  const common = { team, user: user.id, channel: channelId, trigger, responseUrl: click.response_url ?? null };
  if (view != null) {
    if (view.type === 'home') return { ...common, kind: 'home', viewId: null, origin: null };
    return { ...common, kind: 'modal', viewId: view.id, origin: readOrigin(view.private_metadata) };
  }
  if (container.is_ephemeral) return { ...common, kind: 'reply', viewId: null, origin: null };
  return { ...common, kind: 'message', viewId: null, origin: originOf(team, channelId, container.message_ts) };
}

/** A message without a name carries nothing, so that no request counts as shown by it. */
const originOf = (team: string | null, channel: string | null, ts: string | undefined): Origin => ({
  team: team ?? '',
  channel: channel ?? '',
  ts: ts ?? '',
});
