/**
 * test/fake/slack/people.ts: people in a workspace who click, type and submit. Each step reaches the bot as Slack
 * would send it: signed, as a form, with a trigger and a response_url of the local Slack.
 */
import { createHmac } from 'node:crypto';
import { assertMessage, assertView } from './blocks.ts';
import { wireMessage } from './chat.ts';
import { actionOf, type Control, type Fill, stateOf } from './controls.ts';
import type { FakeSlack } from './server.ts';
import { wireView } from './views.ts';
import { type Fields, isFields, listAt, textAt } from './wire.ts';
import { directMessageOf, type Ephemeral, type FakeMessage, type FakeView } from './world.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** null: the body is no JSON. */
  readonly json: unknown;
  readonly ms: number;
}

/** What a forger or a slow network would change. */
export interface Envelope {
  readonly secret?: string;
  /** Seconds since 1970, as text. */
  readonly timestamp?: string;
  readonly signature?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface PeopleOptions {
  readonly slack: FakeSlack;
  /** The bot's, without `/slack/events`. */
  readonly url: string;
  readonly secret?: string;
  readonly team?: string;
}

export const SIGNING_SECRET = 'b1946ac92492d2347c6235b4d2611184';

/** `v0=…` over the raw body. */
export const sign = (secret: string, timestamp: string, body: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;

export type People = ReturnType<typeof peopleOf>;

export function peopleOf({ slack, url, secret = SIGNING_SECRET, team = 'T0ACME' }: PeopleOptions) {
  const { state } = slack;
  const { bot } = slack.workspace(team);

  /** Posts a body as Slack signs it. */
  async function post(body: string, contentType: string, envelope: Envelope = {}): Promise<Answer> {
    const timestamp = envelope.timestamp ?? String(Math.floor(state.clock() / 1_000));
    const startedAt = performance.now();
    const response = await fetch(`${url}/slack/events`, {
      method: 'POST',
      body,
      headers: {
        'content-type': contentType,
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': envelope.signature ?? sign(envelope.secret ?? secret, timestamp, body),
        ...envelope.headers,
      },
    });
    const text = await response.text();
    const ms = performance.now() - startedAt;
    return { status: response.status, headers: response.headers, text, json: parsed(text), ms };
  }

  const postForm = (form: Readonly<Record<string, string>>, envelope?: Envelope): Promise<Answer> =>
    post(new URLSearchParams(form).toString(), 'application/x-www-form-urlencoded', envelope);

  const postPayload = (payload: Fields, envelope?: Envelope): Promise<Answer> =>
    postForm({ payload: JSON.stringify(payload) }, envelope);

  /** What every interaction says of whoever does it. */
  const about = (user: string) => ({
    team: { id: team, domain: 'acme' },
    user: { id: user, username: user.toLowerCase(), name: user.toLowerCase(), team_id: team },
    api_app_id: bot.appId,
    token: 'legacy-fixed-value',
    enterprise: null,
    is_enterprise_install: false,
    trigger_id: state.newTrigger(team, user),
  });

  /** The payload of a click, to be changed by a test before it is posted with `postPayload`. */
  function clickPayload(user: string, where: FakeMessage | FakeView | Ephemeral, control: Control): Fields {
    return {
      type: 'block_actions',
      ...about(user),
      ...placeOf(user, where),
      state: { values: {} },
      actions: [actionOf(control, state.clock() / 1_000)],
    };
  }

  function placeOf(user: string, where: FakeMessage | FakeView | Ephemeral): Fields {
    if ('view' in where)
      return {
        container: { type: 'view', view_id: where.id },
        view: { ...wireView(where, bot), state: { values: {} } },
      };
    const { channel } = where;
    const ts = 'ts' in where ? where.ts : null;
    const threadTs = 'ts' in where ? where.threadTs : null;
    return {
      container: {
        type: 'message',
        message_ts: ts ?? state.newTs(),
        channel_id: channel,
        is_ephemeral: ts === null,
        ...(threadTs === null ? {} : { thread_ts: threadTs }),
      },
      channel: { id: channel, name: channel.startsWith('D') ? 'directmessage' : 'releases' },
      ...('ts' in where ? { message: wireMessage(where, false) } : {}),
      response_url: slack.responseUrl({ team, user, channel, ts }),
    };
  }

  function submitPayload(user: string, view: FakeView, fill: Fill): Fields {
    return {
      type: 'view_submission',
      ...about(user),
      view: { ...wireView(view, bot), state: stateOf(view, fill) },
      response_urls: [],
    };
  }

  /** Does with the modal what the bot's answer says, as a client would. */
  function follow(view: FakeView, { status, json, text }: Answer): void {
    if (status !== 200) return;
    const action = textAt(json, 'response_action');
    const answered = isFields(json) && isFields(json.view) ? json.view : null;
    if (action === 'errors') assertErrors(view, json);
    else if (action === 'clear') for (const one of state.views) one.isOpen = one.rootId !== view.rootId && one.isOpen;
    else if ((action === 'update' || action === 'push') && answered !== null) {
      assertView(answered, 'modal');
      if (action === 'update') view.view = answered;
      else state.pushView(view, answered);
    } else if (text === '' || action === null) view.isOpen = false;
    else throw new Error(`Slack knows no response_action ${action}.`);
  }

  return {
    post,
    postForm,
    postPayload,
    clickPayload,
    submitPayload,
    click: (user: string, where: FakeMessage | FakeView | Ephemeral, control: Control, envelope?: Envelope) =>
      postPayload(clickPayload(user, where, control), envelope),
    async submit(user: string, view: FakeView, fill: Fill = () => undefined, envelope?: Envelope): Promise<Answer> {
      const answer = await postPayload(submitPayload(user, view, fill), envelope);
      follow(view, answer);
      return answer;
    },
    close: (user: string, view: FakeView) => {
      view.isOpen = false;
      return postPayload({ type: 'view_closed', ...about(user), view: wireView(view, bot), is_cleared: false });
    },
    /** What the bot answers at once is shown to the person, so it has to fit. */
    async slash(user: string, text: string, changed: Readonly<Record<string, string>> = {}, envelope?: Envelope) {
      const channel = 'C0RELEASES';
      const { api_app_id, token, trigger_id } = about(user);
      const form = {
        token,
        team_id: team,
        team_domain: 'acme',
        channel_id: channel,
        channel_name: 'releases',
        user_id: user,
        user_name: user.toLowerCase(),
        command: '/gates',
        text,
        api_app_id,
        is_enterprise_install: 'false',
        response_url: slack.responseUrl({ team, user, channel, ts: null }),
        trigger_id,
      };
      const answer = await postForm({ ...form, ...changed }, envelope);
      if (answer.status === 200 && answer.text !== '') {
        const blocks = listAt(answer.json, 'blocks');
        assertMessage(blocks);
        const said = textAt(answer.json, 'text') ?? (isFields(answer.json) ? '' : answer.text);
        state.ephemerals.push({ team, channel, user, text: said, blocks: blocks.filter(isFields) });
      }
      return answer;
    },
    event: (event: Fields, changed: Fields = {}, envelope?: Envelope) =>
      post(
        JSON.stringify({
          token: 'legacy-fixed-value',
          team_id: team,
          api_app_id: bot.appId,
          type: 'event_callback',
          event_id: `Ev${state.next().toString(36).toUpperCase().padStart(8, '0')}`,
          event_time: Math.floor(state.clock() / 1_000),
          authorizations: [{ enterprise_id: null, team_id: team, user_id: bot.userId, is_bot: true }],
          event: { event_ts: (state.clock() / 1_000).toFixed(6), ...event },
          ...changed,
        }),
        'application/json',
        envelope,
      ),
    openHome(user: string): Promise<Answer> {
      return this.event({ type: 'app_home_opened', user, channel: directMessageOf(user), tab: 'home' });
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Slack shows an error only at an input that the view has. */
function assertErrors(view: FakeView, json: unknown): void {
  const errors = isFields(json) && isFields(json.errors) ? json.errors : {};
  const inputs = new Set(
    listAt(view.view, 'blocks').flatMap((block) => (textAt(block, 'block_id') ? [textAt(block, 'block_id')] : [])),
  );
  if (Object.keys(errors).length === 0) throw new Error('An answer with errors names none.');
  for (const [block, message] of Object.entries(errors))
    if (!inputs.has(block) || typeof message !== 'string') throw new Error(`An error at ${block}, which is no input.`);
}
