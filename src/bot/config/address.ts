/** src/bot/config/address.ts: web addresses of the config that the bot asks by itself: calendars and directories. */

const MAX_ADDRESS = 2000;

/**
 * What is wrong with an address, or null. It never repeats the address: what stands in it may be a secret.
 * @param mayBePlain whether plain http is let through here; whether the host may be called is asked at each connection
 */
export function addressProblem(text: string, mayBePlain: boolean): string | null {
  if (text.length > MAX_ADDRESS || /[^\x21-\x7e]/.test(text) || !/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text))
    return `must be an address that begins with https://, at most ${MAX_ADDRESS} visible ASCII characters`;
  const { protocol, username, password, hash } = new URL(text);
  if (protocol === 'http:' && !mayBePlain)
    return 'must begin with https://; plain http is for hosts that CALLBACK_ALLOW names';
  if (username !== '' || password !== '') return 'must not hold a user name or password';
  return hash === '' ? null : 'must not hold a fragment (#…)';
}
