/** src/adapters/slack/send/address.ts: ids as the config writes them: `C0…`, `U0…`, `S0…` of home, or `T0…/C0…`. */

export interface SlackAddress {
  /** `T…`; null: the home workspace. */
  readonly team: string | null;
  /** A channel's, a person's or a user group's id in that workspace. */
  readonly id: string;
}

export function readAddress(address: string): SlackAddress {
  const slash = address.indexOf('/');
  return slash < 0 ? { team: null, id: address } : { team: address.slice(0, slash), id: address.slice(slash + 1) };
}
