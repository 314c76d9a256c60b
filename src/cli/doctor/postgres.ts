/** src/cli/doctor/postgres.ts: PostgreSQL's part of the doctor: can the bot live on it, and with how many replicas? */
import { NEWEST_VERSION } from '../../store/migrations.ts';
import { CONNECTIONS, lookAtPostgres, type PostgresFacts } from '../../store/postgres/facts.ts';
import { OLDEST_VERSION } from '../../store/postgres.ts';
import type { Terminal } from '../terminal.ts';
import type { Finding } from './finding.ts';
import { bad, look, ok } from './finding.ts';

/** What a person would notice in a deadline that is shown in their own time. */
const CLOCK_MS = 2_000;
const SLOW_MS = 50;

export async function postgres(url: string, hasSecret: boolean, terminal: Terminal): Promise<readonly Finding[]> {
  if (!URL.canParse(url))
    return [bad('DATABASE_URL is no valid address', 'Special characters in its password must be percent-encoded.')];
  const facts = await lookAtPostgres(url, terminal.now);
  if ('message' in facts) return [bad(facts.message, facts.advice)];
  return [
    server(facts),
    ...suits(facts),
    schema(facts),
    connections(facts),
    clock(facts),
    ...(hasSecret
      ? []
      : [
          bad(
            'COUNTERSIGN_SECRET is not set, and no file beside the database keeps one',
            'Set the same for all replicas: openssl rand -hex 32',
          ),
        ]),
  ];
}

function server({ name, version, roundTripMs }: PostgresFacts): Finding {
  const short = name.replace(/ (on|compiled by) .*$/s, '');
  if (version !== null && version < OLDEST_VERSION * 10_000)
    return bad(`${short} is too old`, `Countersign needs PostgreSQL ${OLDEST_VERSION} or newer.`);
  if (roundTripMs > SLOW_MS)
    return look(
      `${short}, ${Math.round(roundTripMs)} ms away`,
      'Each decision takes a few round trips: run the bot near its database.',
    );
  return ok(short);
}

function suits({ encoding, isStandby, isReadOnly, fsync, hasNotify }: PostgresFacts): readonly Finding[] {
  const found: Finding[] = [];
  if (encoding !== null && encoding !== 'UTF8')
    found.push(
      bad(`the database is in ${encoding}, and can't hold every text`, 'Make one in UTF-8: createdb --encoding=UTF8 …'),
    );
  if (isStandby) found.push(bad('this is a standby: it only reads', 'Point DATABASE_URL at the primary.'));
  else if (isReadOnly)
    found.push(
      bad('this database is set to read-only', 'Take default_transaction_read_only from the server, database or role.'),
    );
  if (fsync === 'off')
    found.push(
      look(
        'fsync is off',
        'What is answered as kept does not survive a power failure; turn it on where approvals count.',
      ),
    );
  if (!hasNotify)
    found.push(
      look('it has no NOTIFY', 'Replicas then hear of each other by looking every 0.3 seconds; nothing else changes.'),
    );
  return found;
}

function schema({ schema: version, mayCreate, isReadOnly }: PostgresFacts): Finding {
  if (version === null && !mayCreate && !isReadOnly)
    return bad(
      'the tables are not there, and this user may not make them',
      'GRANT CREATE ON SCHEMA public TO the user, or let it own the database, at least for the first start.',
    );
  if (version === null) return ok('the tables will be made at the first start');
  if (version > NEWEST_VERSION)
    return bad(
      `the tables have version ${version}, this program knows up to ${NEWEST_VERSION}`,
      'A newer Countersign wrote them: install that one.',
    );
  if (version < NEWEST_VERSION)
    return look(
      `the tables have version ${version}, the next start brings them to ${NEWEST_VERSION}`,
      'Back up first. Replicas of the older version may go on beside it.',
    );
  return ok(`tables at version ${version}`);
}

function connections({ freeConnections: free, maxConnections: max }: PostgresFacts): Finding {
  if (free === null) return ok(`a bot opens up to ${CONNECTIONS} connections`);
  if (free < CONNECTIONS)
    return look(
      `${free} connections are free, and a bot opens up to ${CONNECTIONS}`,
      'Raise max_connections (or the CONNECTION LIMIT of the role or database), or run fewer replicas.',
    );
  return ok(`${free} of ${max} connections are free, enough for ${Math.floor(free / CONNECTIONS)} more bots`);
}

function clock({ clockAheadMs, roundTripMs }: PostgresFacts): Finding {
  const off = Math.abs(clockAheadMs);
  if (off <= CLOCK_MS + roundTripMs / 2) return ok('its clock and this machine’s agree');
  return look(
    `its clock is ${(off / 1000).toFixed(0)} s ${clockAheadMs > 0 ? 'ahead of' : 'behind'} this machine’s`,
    'Deadlines go by the database’s clock. Let NTP set both.',
  );
}
