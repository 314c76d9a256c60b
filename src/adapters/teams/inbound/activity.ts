/**
 * src/adapters/teams/inbound/activity.ts: the parts of activities that are read, and nothing else of them:
 * https://github.com/microsoft/botframework-sdk/blob/main/specs/botframework-activity/botframework-activity.md
 */
import { z } from 'zod';
import { TEXT_LENGTH } from './limits.ts';

const Id = z.string().min(1).max(500);
/** Left out, null or something else: then it is not known. */
const maybe = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().catch(null);
const MaybeId = maybe(Id);
const Tenant = maybe(z.object({ id: Id }));

const Account = z.object({ id: Id, aadObjectId: MaybeId, role: MaybeId, tenantId: MaybeId });

/** What every activity has that we look at. */
const Base = z.object({
  type: z.string().min(1).max(100),
  id: MaybeId,
  channelId: z.literal('msteams'),
  serviceUrl: Id,
  conversation: z.object({ id: Id, conversationType: MaybeId, tenantId: MaybeId }),
  from: Account,
  recipient: z.object({ id: Id }),
  replyToId: MaybeId,
  channelData: maybe(
    z.object({ tenant: Tenant, team: maybe(z.object({ id: MaybeId })), channel: maybe(z.object({ id: MaybeId })) }),
  ),
});
export type Envelope = z.infer<typeof Base>;

const Mention = z.object({
  type: z.literal('mention'),
  text: z.string().min(1).max(1_000),
  mentioned: z.object({ id: Id, aadObjectId: MaybeId }),
});
export type Mention = z.infer<typeof Mention>;

const Message = Base.extend({
  type: z.literal('message'),
  text: maybe(z.string().max(TEXT_LENGTH)),
  /** What a button adds: of no shape of ours until the card's own reader has looked at it. */
  value: z.unknown().optional(),
  entities: maybe(z.array(z.unknown()).max(500)).transform((entities) =>
    (entities ?? []).flatMap((entity) => {
      const mention = Mention.safeParse(entity).data;
      return mention === undefined ? [] : [mention];
    }),
  ),
});
export type Message = z.infer<typeof Message>;

const Invoke = Base.extend({
  type: z.literal('invoke'),
  name: maybe(z.string().max(200)),
  value: z.unknown().optional(),
});
export type Invoke = z.infer<typeof Invoke>;

const Member = z.object({ id: Id });
const Members = maybe(z.array(Member).max(10_000));
const ConversationUpdate = Base.extend({
  type: z.literal('conversationUpdate'),
  membersAdded: Members,
  membersRemoved: Members,
});
const InstallationUpdate = Base.extend({ type: z.literal('installationUpdate'), action: MaybeId });
/** The app came into a conversation or a person's own list, or went. */
export type Arrival = z.infer<typeof ConversationUpdate> | z.infer<typeof InstallationUpdate>;

/** `other`: of no interest here; new kinds come now and then. */
export type Activity =
  | { readonly kind: 'message'; readonly is: Message }
  | { readonly kind: 'invoke'; readonly is: Invoke }
  | { readonly kind: 'arrival'; readonly is: Arrival }
  | { readonly kind: 'other'; readonly is: Envelope };

const SHAPE_OF: ReadonlyMap<string, z.ZodType<Activity>> = new Map<string, z.ZodType<Activity>>([
  ['message', Message.transform((is): Activity => ({ kind: 'message', is }))],
  ['invoke', Invoke.transform((is): Activity => ({ kind: 'invoke', is }))],
  ['conversationUpdate', ConversationUpdate.transform((is): Activity => ({ kind: 'arrival', is }))],
  ['installationUpdate', InstallationUpdate.transform((is): Activity => ({ kind: 'arrival', is }))],
]);
const Typed = z.object({ type: z.string() });
const Other = Base.transform((is): Activity => ({ kind: 'other', is }));

/** null: it lacks what every activity of Teams has. */
export function readActivity(body: unknown): Activity | null {
  const type = Typed.safeParse(body).data?.type;
  if (type === undefined) return null;
  return (SHAPE_OF.get(type) ?? Other).safeParse(body).data ?? null;
}

/** An `adaptiveCard/action`'s own part; the SDK's reading of it loses the trigger. */
const CardAction = z.object({
  action: z.object({ type: MaybeId, verb: MaybeId, data: z.unknown().optional() }),
  trigger: maybe(z.enum(['manual', 'automatic'])),
});
export type CardAction = z.infer<typeof CardAction>;
export const readCardAction = (value: unknown): CardAction | null => CardAction.safeParse(value).data ?? null;

/** Where Teams says that this happened, in lower case; null: it does not say, or says two things. */
export function tenantOf({ channelData, conversation }: Envelope): string | null {
  const tenants = new Set(
    [channelData?.tenant?.id, conversation.tenantId].flatMap((id) => (id == null ? [] : [lowered(id)])),
  );
  const [tenant] = tenants;
  return tenants.size === 1 ? (tenant ?? null) : null;
}

/** Only ASCII letters lose their case: a Kelvin sign is not a k. */
export const lowered = (id: string): string => id.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
