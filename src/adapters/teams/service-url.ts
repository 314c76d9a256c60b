/**
 * src/adapters/teams/service-url.ts: where an activity says that it is to be answered. Our token goes there, so it has to
 * be one of Microsoft's hosts, whoever vouches for it.
 */
import { isLoopback } from './loopback.ts';
import type { TeamsOptions } from './options.ts';

/** Public cloud, its older hosts, GCC, GCC High: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages */
const HOSTS: ReadonlySet<string> = new Set([
  'smba.trafficmanager.net',
  'smba.infra.gcc.teams.microsoft.com',
  'smba.infra.gov.teams.microsoft.us',
]);
const HOST_SUFFIX = '.botframework.com';
const LONGEST = 500;

/** Whether our answers may go to this address. An emulator's is at this machine, and nowhere else. */
export function isServiceUrl(
  address: string,
  { insecureLocal, serviceOrigins }: Pick<TeamsOptions, 'insecureLocal' | 'serviceOrigins'>,
): boolean {
  if (address.length > LONGEST || !URL.canParse(address)) return false;
  const { protocol, hostname, host, origin, username, password, search, hash } = new URL(address);
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false;
  if (insecureLocal) return protocol === 'http:' && isLoopback(hostname);
  if (serviceOrigins.includes(origin)) return true;
  return protocol === 'https:' && (HOSTS.has(host) || (host.endsWith(HOST_SUFFIX) && host.length > HOST_SUFFIX.length));
}
