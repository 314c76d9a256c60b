/**
 * src/adapters/teams/send/roster.ts: who is in a team or a chat. Asked once for all who want to know, page by page, kept
 * for five minutes and asked again before they are over; when Teams can't say any more, nobody is guessed.
 */
import { z } from 'zod';
import { RefusedError, UnavailableError } from '../../channel.ts';
import type { TeamsLog } from '../options.ts';
import type { Connector } from './connector.ts';
import type { Conversations } from './conversations.ts';
import { ROSTER, ROSTER_PATIENCE_MS, ROSTER_PAUSE_MS } from './limits.ts';
import { within } from './patience.ts';
import { withoutThread } from './place.ts';

export interface RosterMember {
  /** `29:…`: the account, as this bot alone knows it. */
  readonly mri: string;
  /** Entra object id, in lower case; null: they have none that counts here (anonymous). */
  readonly objectId: string | null;
  /** Somebody of the tenant, and no guest of it, as far as Teams says so. */
  readonly isOurs: boolean;
}

export interface Rosters {
  /** @throws UnavailableError while Teams cannot say, RefusedError where it will not */
  members(conversation: string): Promise<readonly RosterMember[]>;
  /** For what can do without: null where it is not known soon. Never rejects. */
  soon(conversation: string): Promise<readonly RosterMember[] | null>;
  /** Somebody came or went: what is known does not count any more. */
  invalidate(conversation: string): void;
}

interface Known {
  members: readonly RosterMember[];
  /** When Teams was asked; null: what is known does not count. */
  askedAt: number | null;
  asking: Promise<readonly RosterMember[]> | null;
  /** When it could not be had the last time. */
  failedAt: number | null;
  /** Counts up with each invalidation: an answer to a question from before is old. */
  changes: number;
}

const Page = z.object({
  members: z.array(
    z.object({
      id: z.string().min(1).max(500),
      objectId: z.string().nullish(),
      aadObjectId: z.string().nullish(),
      tenantId: z.string().nullish(),
      userRole: z.string().nullish(),
      userPrincipalName: z.string().nullish(),
    }),
  ),
  continuationToken: z.string().nullish(),
});
type Listed = z.infer<typeof Page>['members'][number];

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createRosters(
  connector: Connector,
  conversations: Conversations,
  { log, clock }: { readonly log: TeamsLog; readonly clock: () => number },
): Rosters {
  const rosters = new Map<string, Known>();

  async function ask(conversation: string): Promise<readonly RosterMember[]> {
    const { serviceUrl, tenant } = await conversations.service();
    const found = new Map<string, RosterMember>();
    let token: string | null = null;
    for (let page = 1; page <= ROSTER.pages; page++) {
      const answer = Page.safeParse(
        await connector.call({
          method: 'GET',
          serviceUrl,
          path: ['conversations', conversation, 'pagedmembers'],
          query: { pageSize: String(ROSTER.page), ...(token === null ? {} : { continuationToken: token }) },
          facts: { what: 'roster', place: { kind: 'channel', id: conversation } },
        }),
      );
      if (!answer.success) throw new UnavailableError('Teams’ answer about who is in a conversation makes no sense');
      for (const listed of answer.data.members) found.set(listed.id, memberOf(listed, tenant));
      const next = answer.data.continuationToken ?? '';
      if (next === '') return [...found.values()];
      if (next === token) throw new UnavailableError('Teams gives the same page of members again and again');
      token = next;
    }
    throw new RefusedError(`${conversation} has more than ${ROSTER.page * ROSTER.pages} people: name a smaller team`);
  }

  function knownOf(conversation: string): Known {
    const known = rosters.get(conversation) ?? {
      members: [],
      askedAt: null,
      asking: null,
      failedAt: null,
      changes: 0,
    };
    rosters.set(conversation, known);
    return known;
  }

  function refresh(conversation: string, known: Known): Promise<readonly RosterMember[]> {
    if (known.asking !== null) return known.asking;
    const askedAt = clock();
    const { changes } = known;
    const asking = ask(conversation)
      .then((members) => {
        if (known.changes === changes) Object.assign(known, { members, askedAt, failedAt: null });
        return members;
      })
      .catch((error: unknown) => {
        known.failedAt = clock();
        throw error;
      })
      .finally(() => {
        if (known.asking === asking) known.asking = null;
      });
    known.asking = asking;
    return asking;
  }

  async function members(id: string): Promise<readonly RosterMember[]> {
    const conversation = withoutThread(id);
    const known = knownOf(conversation);
    const age = known.askedAt === null ? Number.POSITIVE_INFINITY : clock() - known.askedAt;
    if (age >= ROSTER.validMs) return refresh(conversation, known);
    if (age >= ROSTER.freshMs)
      refresh(conversation, known).catch((error: unknown) => warn(conversation, error, NOT_REFRESHED));
    return known.members;
  }

  const warn = (conversation: string, error: unknown, message: string): void =>
    log.warn({ conversation, error: error instanceof Error ? error.message : typeof error }, message);

  return {
    members,
    async soon(id) {
      const { failedAt } = knownOf(withoutThread(id));
      if (failedAt !== null && clock() - failedAt < ROSTER_PAUSE_MS) return null;
      try {
        return await within(members(id), ROSTER_PATIENCE_MS, () => new UnavailableError('no answer in time'));
      } catch (error) {
        knownOf(withoutThread(id)).failedAt = clock();
        warn(id, error, 'a Teams card calls nobody and refreshes for nobody: its roster is not known');
        return null;
      }
    },
    invalidate(id) {
      const known = rosters.get(withoutThread(id));
      if (known === undefined) return;
      Object.assign(known, { askedAt: null, asking: null, failedAt: null, changes: known.changes + 1 });
    },
  };
}

const NOT_REFRESHED = 'a Teams roster cannot be asked for again; what is known counts a little longer';

/**
 * The wire says `objectId`, older services `aadObjectId`. `userRole` is `user` for members and owners; for guests and
 * people without an account it is something else, and what is not said is not assumed.
 */
function memberOf(listed: Listed, tenant: string | null): RosterMember {
  const objectId = (listed.objectId ?? listed.aadObjectId ?? '').toLowerCase();
  const from = listed.tenantId?.toLowerCase() ?? null;
  const isElsewhere = from !== null && tenant !== null && GUID.test(from) && from !== tenant;
  const isGuest = listed.userRole?.toLowerCase() !== 'user' || listed.userPrincipalName?.includes('#EXT#') === true;
  return { mri: listed.id, objectId: GUID.test(objectId) ? objectId : null, isOurs: !isGuest && !isElsewhere };
}
