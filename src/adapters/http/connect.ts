/**
 * src/adapters/http/connect.ts: how connections are opened to addresses that come from the config or a request: only to
 * the very addresses that were checked. The check sits in `connect`, because undici asks no lookup for literal addresses.
 */
import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { type AllowList, isNamed, mayConnect } from './addresses.ts';
import { CONNECT_TIMEOUT_MS } from './limits.ts';

/** All addresses of a name, as the system's resolver gives them. */
export type Resolve = (
  host: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

export const resolveBySystem: Resolve = (host, callback) => systemLookup(host, { all: true, verbatim: true }, callback);

/** The connection was not opened: the address is none that CALLBACK_ALLOW or the public network has. */
export class AddressNotAllowedError extends Error {
  constructor() {
    super('the address is not allowed');
    this.name = 'AddressNotAllowedError';
  }
}

/** A lookup that hands out a name's addresses only if the call may connect to each of them. */
function guardedLookup(
  resolve: Resolve,
  call: { readonly named: boolean; readonly plain: boolean },
  allow: AllowList,
): LookupFunction {
  return (host, options, callback) => {
    resolve(host, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null) callback(error, '', 0);
      else if (first === undefined || !addresses.every(({ address }) => mayConnect(address, call, allow)))
        callback(new AddressNotAllowedError(), '', 0);
      else if (options.all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    });
  };
}

/** How a socket is opened. It trusts no check that came before it: each connection is checked by itself. */
export function guardedConnector(allow: AllowList, resolve: Resolve): buildConnector.connector {
  const connectorFor = (call: { readonly named: boolean; readonly plain: boolean }) =>
    buildConnector({
      timeout: CONNECT_TIMEOUT_MS,
      lookup: guardedLookup(resolve, call, allow),
      rejectUnauthorized: true, // whatever NODE_TLS_REJECT_UNAUTHORIZED says
    });
  const connectors = {
    named: { http: connectorFor({ named: true, plain: true }), https: connectorFor({ named: true, plain: false }) },
    other: { http: connectorFor({ named: false, plain: true }), https: connectorFor({ named: false, plain: false }) },
  };
  return (options, callback) => {
    const { hostname, protocol } = options;
    const plain = protocol !== 'https:';
    const port = options.port === '' ? (plain ? 80 : 443) : Number(options.port);
    const named = isNamed(hostname, port, allow);
    const isAllowed = isIP(hostname) === 0 || named || mayConnect(hostname, { named, plain }, allow);
    // Never in the same turn: undici is still putting the call into its queue.
    if (!isAllowed) queueMicrotask(() => callback(new AddressNotAllowedError(), null));
    else connectors[named ? 'named' : 'other'][plain ? 'http' : 'https'](options, callback);
  };
}
