/**
 * test/fake/teams/cards.ts: what of an activity with a card Teams refuses or shows wrong: size, content type, version,
 * actions that never arrive, words beside a card. Whether a card follows the schema is asked where cards are drawn.
 */
import { at, badSyntax, ConnectorError, type Fields, isFields, listAt, textAt } from './wire.ts';

export const CARD = 'application/vnd.microsoft.card.adaptive';
/** About 100 KB as UTF-16. https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages */
const MESSAGE_BYTES = 100 * 1_024;
/** https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/up-to-date-views */
const REFRESH_USERS = 60;
const VERSIONS: ReadonlySet<unknown> = new Set(['1.0', '1.1', '1.2', '1.3', '1.4', '1.5']);

/** Throws what the connector answers. */
export function checkActivity(activity: unknown): Fields {
  if (!isFields(activity)) throw badSyntax('The activity is missing.');
  if (2 * JSON.stringify(activity).length > MESSAGE_BYTES)
    throw new ConnectorError(413, 'MessageSizeTooBig', 'Message size too large.');
  if (activity.type !== 'message') throw badSyntax('The type of the activity is not supported.');
  const attachments = listAt(activity, 'attachments');
  const text = textAt(activity, 'text');
  if (text === null && attachments.length === 0) throw badSyntax('Activity must have text or attachments.');
  // Teams makes two messages of this, and gives the id of neither that could be updated.
  if (text !== null && attachments.length > 0) throw badSyntax('Activity resulted into multiple activities.');
  for (const attachment of attachments) {
    if (at(attachment, 'contentType') !== CARD) throw badSyntax('Unknown attachment type.');
    checkCard(at(attachment, 'content'));
  }
  return activity;
}

function checkCard(card: unknown): void {
  if (!isFields(card) || card.type !== 'AdaptiveCard') throw badSyntax('The attachment is no Adaptive Card.');
  if (!VERSIONS.has(card.version)) throw badSyntax(`Adaptive Cards ${String(card.version)} are not supported.`);
  const users = at(card, 'refresh', 'userIds');
  if (Array.isArray(users)) {
    if (users.length > REFRESH_USERS) throw badSyntax('A card is refreshed for 60 users at most.');
    if (!users.every((user) => typeof user === 'string' && user.startsWith('29:')))
      throw badSyntax('refresh.userIds holds the MRIs of users.');
  }
  for (const part of partsOf(card)) {
    // https://github.com/microsoft/teams.ts/issues/368: a click on such a button goes nowhere.
    if (part.type === 'Action.Execute' && textAt(part, 'verb') === null)
      throw badSyntax('Action.Execute without a verb is never delivered.');
    if (part.type === 'Action.OpenUrl' && !/^https?:\/\//.test(textAt(part, 'url') ?? ''))
      throw badSyntax('Action.OpenUrl takes http and https.');
  }
}

/** The card and everything in it that is an object. */
export function* partsOf(value: unknown): Generator<Fields> {
  if (Array.isArray(value)) for (const item of value) yield* partsOf(item);
  if (!isFields(value)) return;
  yield value;
  for (const item of Object.values(value)) yield* partsOf(item);
}

/** The card that an activity shows; null: it has none. */
export const cardOf = (activity: Fields): Fields | null => {
  const content = at(listAt(activity, 'attachments')[0], 'content');
  return isFields(content) ? content : null;
};

/** Everything that a card says, in its order, joined by spaces. */
export function wordsOf(card: unknown): string {
  const words: string[] = [];
  for (const part of partsOf(card)) {
    for (const inline of listAt(part, 'inlines')) if (typeof inline === 'string') words.push(inline);
    for (const key of ['text', 'title', 'value', 'label', 'altText']) {
      const text = part[key];
      if (typeof text === 'string') words.push(text);
    }
  }
  return words.join(' ');
}
