/**
 * src/adapters/http/addresses.ts: which network addresses an outgoing call may reach.
 * Only public unicast passes. What the operator names in `CALLBACK_ALLOW` passes besides, and nothing else.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** `CALLBACK_ALLOW`, parsed. It opens exactly what it names, also for plain http. */
export interface AllowList {
  /** Names or literal addresses in lower case, IPv6 without brackets. `port: null` stands for every port. */
  readonly hosts: readonly { readonly host: string; readonly port: number | null }[];
  /** Such as `10.0.0.0/8`; every port. */
  readonly cidrs: readonly string[];
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** Where clouds keep the credentials of their machines. The first is public by every registry, so no class covers it. */
const METADATA = [
  '168.63.129.16', // Azure: wire server and DNS
  '169.254.169.254', // nearly all
  '169.254.170.2', // AWS: containers
  '169.254.170.23', // AWS: pods
  '100.100.100.200', // Alibaba
  '192.0.0.192', // Oracle
  'fd00:ec2::254', // AWS
  'fd00:ec2::23', // AWS: pods
  'fd20:ce::254', // Google
  'fd00:42::42', // Scaleway
].map((text) => ipaddr.parse(text));

/** The part of IPv6 that is given out as public unicast (RFC 4291); ipaddr.js calls everything unknown `unicast`. */
const GLOBAL_UNICAST: Range = [ipaddr.parse('2000::'), 3];

/** Special ranges that ipaddr.js 2.5 counts as plain unicast: https://www.iana.org/assignments/iana-ipv6-special-registry */
const ALSO_SPECIAL: readonly Range[] = ['2001::/23', '2001:db8::/32', '2002::/16', '3ffe::/16', '3fff::/20'].map(
  (text) => ipaddr.parseCIDR(text),
);

/**
 * undefined where the text is no plain address; an IPv4 address in its IPv6-mapped spelling comes back as IPv4.
 * IPv6 is spelled out first: ipaddr.js reads `::8.8.8.8` as the IPv4 address, and the network doesn't.
 */
function parse(text: string): Address | undefined {
  const family = isIP(text);
  if (family === 4) return ipaddr.parse(text);
  const url = family === 6 ? `http://[${text}]` : '';
  return URL.canParse(url) ? ipaddr.process(new URL(url).hostname.slice(1, -1)) : undefined;
}

function isWithin(address: Address, [network, bits]: Range): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

function isMetadata(address: Address): boolean {
  return METADATA.some((known) => isWithin(address, [known, known.kind() === 'ipv4' ? 32 : 128]));
}

/** ISATAP (RFC 5214) keeps an IPv4 address in the lower half of any IPv6 address; a router may unwrap it. */
function isIsatap(address: ipaddr.IPv6): boolean {
  const [, , , , high, low] = address.parts;
  return low === 0x5efe && (high === 0 || high === 0x200);
}

/** true for an address that anybody on the internet could call; false for text that is no address. */
export function isPublic(text: string): boolean {
  const address = parse(text);
  if (address === undefined || address.range() !== 'unicast' || isMetadata(address)) return false;
  if (address instanceof ipaddr.IPv4) return true;
  return (
    isWithin(address, GLOBAL_UNICAST) && !isIsatap(address) && !ALSO_SPECIAL.some((range) => isWithin(address, range))
  );
}

/** Fails with a RangeError on a CIDR that is none: the environment's own check comes first. */
export function assertUsable(allow: AllowList): void {
  for (const cidr of allow.cidrs)
    if (!ipaddr.isValidCIDR(cidr)) throw new RangeError(`"${cidr}" is not a range of addresses`);
}

export function isInAllowedRange(text: string, allow: AllowList): boolean {
  const address = parse(text);
  return address !== undefined && allow.cidrs.some((cidr) => isWithin(address, ipaddr.parseCIDR(cidr)));
}

/** Whether the host itself is named, with this port. A trailing dot makes another name. */
export function isNamed(host: string, port: number, allow: AllowList): boolean {
  return allow.hosts.some((entry) => entry.host === host && (entry.port === null || entry.port === port));
}

/**
 * Whether a call may connect to what a name was looked up to.
 * A named host may live anywhere but at a cloud's metadata: that has to be named by its address.
 */
export function mayConnect(
  address: string,
  call: { readonly named: boolean; readonly plain: boolean },
  allow: AllowList,
): boolean {
  if (isInAllowedRange(address, allow)) return true;
  if (call.named) {
    const parsed = parse(address);
    return parsed !== undefined && !isMetadata(parsed);
  }
  return !call.plain && isPublic(address);
}
