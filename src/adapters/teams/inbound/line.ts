/**
 * src/adapters/teams/inbound/line.ts: what somebody typed, out of the markup that Teams puts around it: mentions as tags,
 * spaces and marks as HTML entities. The SDK's own removal takes out the first mention of the bot and no other.
 */
import type { Mention, Message } from './activity.ts';

/** @param nameOf somebody who is mentioned, as a command names them */
export function readLine(
  { text, entities, recipient }: Pick<Message, 'text' | 'entities' | 'recipient'>,
  nameOf: (mentioned: Mention['mentioned']) => string,
): string {
  let line = text ?? '';
  for (const { text: tag, mentioned } of entities) {
    const isBot = mentioned.id === recipient.id;
    // Our own name may stand there more than once, in parts even; of others each entity has its own place.
    line = isBot ? line.replaceAll(tag, ' ') : line.replace(tag, () => ` ${nameOf(mentioned)} `);
  }
  return line
    .replace(/<\/?(?:at|p|div|br|span|b|i|u|em|strong|a|blockquote|pre|code)\b[^<>]{0,1000}>/gi, ' ')
    .replace(/&(nbsp|lt|gt|quot|#39|apos|amp);/g, (entity, name: string) => ENTITIES[name] ?? entity)
    .replace(/\s+/gu, ' ') // a space that does not break is white space here
    .trim()
    .replace(/^\/?gates(?: |$)/i, '')
    .trim();
}

const ENTITIES: Readonly<Record<string, string>> = {
  nbsp: ' ',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  apos: "'",
  amp: '&',
};

export const isMentioned = ({ entities, recipient }: Pick<Message, 'entities' | 'recipient'>): boolean =>
  entities.some(({ mentioned }) => mentioned.id === recipient.id);
