/** src/adapters/teams/loopback.ts: which addresses and names mean this machine. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** @param host an address as a socket has it, or a host name as a URL has it */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || (isIP(bare) !== 0 && ipaddr.process(bare).range() === 'loopback');
}
