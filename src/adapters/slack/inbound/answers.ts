/** src/adapters/slack/inbound/answers.ts: how an answer reaches the one who asked, and nobody else. */
import type { types } from '@slack/bolt';
import type { ChatPorts } from '../../chat.ts';
import type { SlackLog, SlackOptions } from '../options.ts';
import { messageModal, type Origin, reply } from '../render/index.ts';
import type { Workspaces } from '../send/workspaces.ts';
import { plain } from './bolt-log.ts';
import { RESPOND_TIMEOUT_MS } from './limits.ts';

/** Where somebody clicked or typed. */
export interface Place {
  readonly kind: 'message' | 'reply' | 'home' | 'modal';
  /** The workspace whose bot answers; null: none, as the call was not for one of ours. */
  readonly team: string | null;
  readonly user: string;
  readonly channel: string | null;
  /** Opens or pushes one modal, within three seconds. */
  readonly trigger: string | null;
  readonly responseUrl: string | null;
  /** Of the modal that the click was in. */
  readonly viewId: string | null;
  /** The surface that carried the control; null for App Home and private answers. */
  readonly origin: Origin | null;
}

export interface Message {
  readonly text: string;
  readonly blocks: readonly types.KnownBlock[];
}

export interface Answers {
  /** Says it privately; what can't be said is logged, as nothing depends on it. */
  tell(place: Place, words: string): Promise<void>;
  /** Shows it privately where the call came from; what can't be shown is logged. */
  show(place: Pick<Place, 'team' | 'user' | 'channel' | 'responseUrl'>, message: Message): Promise<void>;
  /** Private, in the place of the answer that the click was in where `isInPlace`. false: Slack did not take it. */
  respond(url: string, message: Message, isInPlace?: boolean): Promise<boolean>;
  /** Opens it, or puts it on top of the modal that the click was in. Rejects when Slack does not take it. */
  open(place: Place, view: types.View): Promise<void>;
  /** Puts another view in the place of a modal. Failures are logged. */
  redraw(team: string, viewId: string, view: types.View): Promise<void>;
  /** Plain words as Slack's own block. */
  draw(words: string): Message;
}

export interface AnswersParts {
  readonly options: SlackOptions;
  readonly workspaces: Workspaces;
  readonly ports: ChatPorts;
  readonly log: SlackLog;
}

const SLACK_HOSTS: ReadonlySet<string> = new Set(['hooks.slack.com', 'hooks.slack-gov.com']);

export function createAnswers({ options, workspaces, ports, log }: AnswersParts): Answers {
  const apiOrigin = options.apiUrl === null ? null : new URL(options.apiUrl).origin;

  /** A response URL is input: only Slack's own host, or the one that the configuration names as Slack. */
  function isSlacks(address: string): boolean {
    if (!URL.canParse(address)) return false;
    const url = new URL(address);
    if (url.username !== '' || url.password !== '') return false;
    return url.origin === apiOrigin || (url.protocol === 'https:' && SLACK_HOSTS.has(url.host));
  }

  async function respond(url: string, { text, blocks }: Message, isInPlace = false): Promise<boolean> {
    if (!isSlacks(url)) {
      log.warn({}, 'a response URL is not at Slack; nothing was sent there');
      return false;
    }
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ response_type: 'ephemeral', replace_original: isInPlace, text, blocks }),
        redirect: 'error',
        signal: AbortSignal.timeout(RESPOND_TIMEOUT_MS),
      });
      await response.body?.cancel();
      return response.ok;
    } catch (error) {
      log.warn({ error: plain(error) }, 'a response URL did not answer');
      return false;
    }
  }

  const draw = (words: string): Message =>
    reply({ kind: 'text', text: words }, { link: (id) => ports.link(id), now: ports.now() });

  const show: Answers['show'] = async ({ team, user, channel, responseUrl }, message) => {
    if (responseUrl !== null && (await respond(responseUrl, message))) return;
    if (team === null || channel === null) return log.warn({ team, user }, 'there is no way to answer');
    try {
      await workspaces.call(team, 'chat.postEphemeral', { channel, user, ...message });
    } catch (error) {
      log.warn({ error: plain(error), team, user }, 'an answer could not be given');
    }
  };

  async function open({ team, trigger, kind }: Place, view: types.View): Promise<void> {
    if (team === null || trigger === null) throw new Error('there is no trigger');
    await workspaces.call(team, kind === 'modal' ? 'views.push' : 'views.open', { trigger_id: trigger, view });
  }

  return {
    respond,
    open,
    draw,
    show,
    async tell(place, words) {
      if (place.kind === 'message' || place.kind === 'reply') return show(place, draw(words));
      try {
        await open(place, messageModal('Countersign', words));
      } catch (error) {
        log.warn({ error: plain(error), user: place.user }, 'an explanation could not be given');
      }
    },
    async redraw(team, viewId, view) {
      try {
        await workspaces.call(team, 'views.update', { view_id: viewId, view });
      } catch (error) {
        log.warn({ error: plain(error), team }, 'a modal could not be brought up to date');
      }
    },
  };
}
