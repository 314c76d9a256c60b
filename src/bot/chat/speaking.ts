/** src/bot/chat/speaking.ts: what commands have in common: their surroundings, and how replies name things. */
import type { ChatReply } from '../../adapters/chat.ts';
import type { PersonId } from '../../engine/definition.ts';
import type { Directory } from '../../engine/directory.ts';
import { view } from '../../engine/present.ts';
import type { RequestId, RequestState } from '../../engine/request.ts';
import type { RequestView } from '../../engine/view.ts';
import type { Store } from '../../store/port.ts';
import type { Absences } from '../absence/absences.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/index.ts';
import type { Handler } from '../handle.ts';
import type { HousePauses } from '../pauses/house-pauses.ts';
import { shortened } from '../shortened.ts';
import type { Figures } from '../stats/report.ts';
import { usageOf, type Verb } from './help.ts';
import { CHAT_PAGE, LEAST_OF_ID } from './limits.ts';
import { type Looking, type Meant, requestMeant } from './lists.ts';
import type { ChatKind } from './people.ts';

export interface CommandParts {
  readonly kind: ChatKind;
  readonly store: Pick<Store, 'list' | 'load'>;
  readonly handler: Handler;
  readonly clock: Clock;
  readonly config: () => Pick<Config, 'gates' | 'pipelines' | 'admins' | 'pauseClocks'>;
  /** The newest, with the members of groups that somebody else keeps. */
  readonly directory: () => Directory;
  readonly figures: Figures;
  readonly pauses: HousePauses;
  readonly link: (id: RequestId) => string;
  readonly home: () => string | null;
  readonly absences: Pick<Absences, 'announce' | 'comeBack' | 'whereabouts'>;
}

/** Who speaks, and where. */
export interface Asking extends CommandParts {
  readonly person: PersonId;
}

export const text = (sentences: string): ChatReply => ({ kind: 'text', text: sentences });

export const usage = (kind: ChatKind, verb: Verb): ChatReply =>
  text(`Please write it like this: ${usageOf(kind, verb)}`);

/** Titles come from pipelines: one line, and not a long one. */
export const named = ({ content }: RequestState): string => `“${shortened(content.title.replace(/\s+/gu, ' '), 120)}”`;

export const looking = ({ store, person, directory, clock }: Asking): Looking => ({
  store,
  person,
  today: { directory: directory(), now: clock() },
});

export const seen = ({ person, directory, clock }: Asking, state: RequestState): RequestView =>
  view(state, { kind: 'person', person }, directory(), clock());

/** Runs `then` on the request that an id in full or in part means; says so where it means none or several. */
export async function withRequest(
  asking: Asking,
  id: string,
  then: (state: RequestState) => Promise<ChatReply>,
): Promise<ChatReply> {
  const meant = await requestMeant(looking(asking), id);
  return meant.kind === 'one' ? then(meant.state) : unclear(asking, id, meant);
}

function unclear(asking: Asking, id: string, meant: Exclude<Meant, { readonly kind: 'one' }>): ChatReply {
  const word = shortened(id, 60);
  switch (meant.kind) {
    case 'none':
      return text(`There is no request “${word}” that you have a part in.`);
    case 'short':
      return text(`“${word}” is too short: please give at least ${LEAST_OF_ID} characters of the request’s id.`);
    case 'unsure':
      return text(`So much is pending that “${word}” may not be the only one: please give the whole id.`);
    case 'several':
      return {
        kind: 'list',
        list: 'all',
        heading: `Several requests fit “${word}”: which one do you mean?`,
        empty: '',
        page: { requests: meant.states.slice(0, CHAT_PAGE).map((state) => seen(asking, state)), next: null },
      };
  }
}

/** 1 request, 2 requests. */
export const counted = (count: number, noun = 'request'): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
