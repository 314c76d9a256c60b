/**
 * src/adapters/teams/inbound/caller.ts: which person a proven activity comes from: by their Entra object id in our tenant,
 * which only Microsoft can have put there, and by nothing else.
 */
import type { PersonId } from '../../../engine/definition.ts';
import type { ChatPorts, PlatformUser } from '../../chat.ts';
import type { TeamsLog, TeamsOptions } from '../options.ts';
import { type Envelope, lowered } from './activity.ts';
import { NOBODY, strangerWords } from './words.ts';

export type Caller =
  | { readonly kind: 'person'; readonly person: PersonId; readonly user: PlatformUser }
  /** `words` are for the one who called, alone. */
  | { readonly kind: 'stranger'; readonly words: string; readonly user: PlatformUser | null };

/** @param tenant in which it happened, as the guard has found it to be */
export type Identify = (activity: Envelope, tenant: string) => Caller;

interface IdentifyParts {
  readonly options: Pick<TeamsOptions, 'tenantId'>;
  readonly ports: Pick<ChatPorts, 'personOf'>;
  readonly log: TeamsLog;
}

export function createIdentify({ options, ports, log }: IdentifyParts): Identify {
  return ({ from }, tenant) => {
    const { aadObjectId: id, role, tenantId } = from;
    const no = (cause: string, words: string, user: PlatformUser | null): Caller => {
      log.warn({ cause, user: user?.id, tenant: user?.scope ?? tenant }, 'refused a call from Teams');
      return { kind: 'stranger', words, user };
    };
    if (id == null || (role != null && role !== 'user')) return no('nobody of a directory', NOBODY, null);
    // In a shared channel somebody's own tenant may be another than the channel's.
    const scope = tenantId == null ? tenant : lowered(tenantId);
    const user = { scope, id: lowered(id) };
    const person = ports.personOf(user, scope === (options.tenantId ?? tenant));
    return person === null ? no('not in the directory', strangerWords(user), user) : { kind: 'person', person, user };
  };
}
