/** src/bot/config/email.ts: the one way in which addresses are compared. */

const ADDRESS =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/**
 * The address in lower case; null unless it is exactly one ASCII address without a display name. Nothing is trimmed,
 * no tag (`+x`) is folded and no Unicode turned into ASCII: two addresses are one only when they are written alike.
 */
export function normaliseEmail(text: string): string | null {
  return text.length <= 254 && ADDRESS.test(text) ? text.toLowerCase() : null;
}
