/** src/adapters/slack/inbound/home.ts: App Home: what waits for a person, what they asked for, what was decided. */
import type { types } from '@slack/bolt';
import type { PersonId } from '../../../engine/definition.ts';
import type { RequestId } from '../../../engine/request.ts';
import type { ChatPorts, ListName, PlatformUser } from '../../chat.ts';
import type { SlackLog } from '../options.ts';
import { CALLBACKS, homeView } from '../render/index.ts';
import type { Workspaces } from '../send/workspaces.ts';
import { plain } from './bolt-log.ts';

export interface Resident {
  readonly person: PersonId;
  readonly user: PlatformUser;
  readonly team: string;
}

export interface Home {
  /** Draws it anew. Nothing depends on it, so what fails is logged. @param turned a list that shows a later page */
  publish(whose: Resident, turned?: { readonly list: ListName; readonly after: RequestId | null }): Promise<void>;
  /** For somebody who is not in the directory. */
  explain(team: string, user: string, words: string): Promise<void>;
}

interface HomeParts {
  readonly ports: ChatPorts;
  readonly workspaces: Workspaces;
  readonly log: SlackLog;
}

export function createHome({ ports, workspaces, log }: HomeParts): Home {
  /** Of one user, one after the other: an older page must not come out on top. */
  const last = new Map<string, Promise<void>>();

  function inTurn(name: string, draw: () => Promise<void>): Promise<void> {
    const work = (last.get(name) ?? Promise.resolve()).then(draw).catch((error) => {
      log.warn({ error: plain(error), user: name }, 'App Home could not be drawn');
    });
    last.set(name, work);
    return work.finally(() => {
      if (last.get(name) === work) last.delete(name);
    });
  }

  const show = async (team: string, user: string, view: types.HomeView): Promise<void> => {
    await workspaces.call(team, 'views.publish', { user_id: user, view });
  };

  return {
    publish({ person, user, team }, turned) {
      if (user.scope !== team) return Promise.resolve(); // their App Home is another workspace's
      const page = (list: ListName) =>
        ports.list(person, list, turned?.list === list ? (turned.after ?? undefined) : undefined);
      return inTurn(`${team}/${user.id}`, async () => {
        const [waiting, asked, recent] = await Promise.all([page('waiting'), page('asked'), page('recent')]);
        const at = { link: (id: RequestId) => ports.link(id), now: ports.now() };
        await show(team, user.id, homeView({ waiting, asked, recent, ...at }));
      });
    },
    explain: (team, user, words) =>
      inTurn(`${team}/${user}`, () =>
        show(team, user, {
          type: 'home',
          callback_id: CALLBACKS.home,
          blocks: [{ type: 'section', text: { type: 'plain_text', text: words } }],
        }),
      ),
  };
}
