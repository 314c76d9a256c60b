/** test/store/verify.test.ts: the log tells on whoever edits it, and names the place. */
import { copyFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { Checkpoint, Verification } from '../../src/store/port.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { closed, commented, fold, NOON, opening, recording, signer } from '../contract/requests.ts';
import { databaseFile } from './folder.ts';

const open = (file: string, readOnly = false) => openSqlite({ file, signer, fold, clock: () => NOON, readOnly });

/**
 * A log of eight events: positions 1 to 3 open a, b and c; 4 and 5 comment a and b; 6 closes a; 7 and 8 comment c.
 * Checkpoints stand at 5 and 8.
 */
async function write(file: string): Promise<readonly Checkpoint[]> {
  const store = await open(file);
  try {
    for (const id of ['req_a', 'req_b', 'req_c']) await store.open(opening(id));
    await store.change('req_a', recording([commented('first')]));
    await store.change('req_b', recording([commented('second')]));
    await store.checkpoint(NOON);
    await store.change('req_a', recording([closed('approved')]));
    await store.change('req_c', recording([commented('third'), commented('fourth')]));
    await store.checkpoint(NOON + 1);
    return await store.checkpoints();
  } finally {
    await store.close();
  }
}

async function verify(file: string, since?: Checkpoint): Promise<Verification> {
  const store = await open(file, true);
  try {
    return await store.verify({ fold, ...(since && { since }) });
  } finally {
    await store.close();
  }
}

/** Edits the file as somebody with a database shell would. */
async function faultsAfter(sql: string, since?: Checkpoint): Promise<Verification['faults']> {
  const file = databaseFile();
  await write(file);
  const shell = new Sqlite(file);
  shell.pragma('foreign_keys = OFF');
  shell.exec(sql);
  shell.close();
  return (await verify(file, since)).faults;
}

const signedOver = { where: 'checkpoint at 8', fault: 'the log up to here is not what was signed' };

describe('verifying', () => {
  const checkpoints = async () => {
    const file = databaseFile();
    const [first, second] = await write(file);
    if (first === undefined || second === undefined) throw new Error('Two checkpoints were written.');
    return { file, first, second };
  };

  it('finds no fault with a log as it was written', async () => {
    const { file, first, second } = await checkpoints();
    expect(await verify(file, first)).toEqual({ events: 8, checkpoints: 2, head: second.head, faults: [] });
  });

  it('finds an edited text, down to one letter', async () => {
    expect(await faultsAfter(`update events set data = replace(data, 'second', 'Second') where seq = 5`)).toEqual([
      { where: 'event 5 (req_b, version 2)', fault: 'the stored text does not match its hash' },
    ]);
  });

  it.each([
    ['time', 'at = at - 1'],
    ['type', `type = 'beat'`],
    ['hash', `hash = replace(hash, substr(hash, 1, 1), 'x')`],
  ])('finds an edited %s', async (_, edit) => {
    expect(await faultsAfter(`update events set ${edit} where seq = 4`)).toContainEqual({
      where: 'event 4 (req_a, version 2)',
      fault: 'the stored text does not match its hash',
    });
  });

  it('finds an event that was deleted from the middle', async () => {
    expect(await faultsAfter('delete from events where seq = 4')).toEqual([
      { where: 'event 6 (req_a, version 3)', fault: 'version 2 of this request is missing before it' },
      { where: 'event 4', fault: 'it is missing' },
      { where: 'checkpoint at 5', fault: 'the log up to here is not what was signed' },
    ]);
  });

  it('finds an event that was deleted from the end of its request', async () => {
    expect(await faultsAfter('delete from events where seq = 5')).toEqual([
      { where: 'event 5', fault: 'it is missing' },
      { where: 'checkpoint at 5', fault: 'the log up to here is not what was signed' },
      { where: 'request req_b', fault: 'the snapshot is at version 2, but the events end at 1' },
    ]);
  });

  it('finds two events that changed places', async () => {
    const swap = `update events set seq = -seq where seq in (4, 5); update events set seq = 9 + seq where seq < 0`;
    expect(await faultsAfter(swap)).toEqual([
      { where: 'event 5 (req_a, version 2)', fault: 'the stored text does not match its hash' },
      { where: 'event 4 (req_b, version 2)', fault: 'the stored text does not match its hash' },
      { where: 'checkpoint at 5', fault: 'the log up to here is not what was signed' },
    ]);
  });

  it('finds two texts that changed places', async () => {
    const swap = `create table t as select seq, data from events where seq in (7, 8);
      update events set data = (select data from t where t.seq = 15 - events.seq) where seq in (7, 8); drop table t`;
    expect(await faultsAfter(swap)).toEqual([
      { where: 'event 7 (req_c, version 2)', fault: 'the stored text does not match its hash' },
    ]);
  });

  it('finds an event that was put in, even with a hash of its own making', async () => {
    const forged = `insert into events select 9, request_id, 3, type, at, data, hash from events where seq = 5`;
    expect(await faultsAfter(forged)).toEqual([
      { where: 'event 9 (req_b, version 3)', fault: 'the stored text does not match its hash' },
    ]);
  });

  it('finds a chain that was rewritten from the first event on, by the signed checkpoints', async () => {
    const file = databaseFile();
    await write(file);
    const other = databaseFile();
    const forger = await open(other);
    for (const id of ['req_a', 'req_b', 'req_c']) await forger.open(opening(id, { content: { title: 'Forged' } }));
    await forger.change('req_a', recording([commented('first')]));
    await forger.change('req_b', recording([commented('second')]));
    await forger.change('req_a', recording([closed('rejected')]));
    await forger.change('req_c', recording([commented('third'), commented('fourth')]));
    await forger.close();
    const shell = new Sqlite(file);
    shell.pragma('foreign_keys = OFF');
    shell.exec(`attach '${other}' as forged; delete from events; delete from requests;
      insert into requests select * from forged.requests; insert into events select * from forged.events`);
    shell.close();
    expect((await verify(file)).faults).toEqual([
      { where: 'checkpoint at 5', fault: 'the log up to here is not what was signed' },
      signedOver,
    ]);
  });

  it('finds a checkpoint that nobody signed', async () => {
    expect(await faultsAfter(`update checkpoints set at = at + 1 where size = 8`)).toEqual([
      { where: 'checkpoint at 8', fault: 'its signature is not ours' },
    ]);
  });

  it('finds a tail that was cut under its checkpoint', async () => {
    const cut = `delete from events where seq > 6; update requests set version = 1 where id = 'req_c'`;
    expect(await faultsAfter(cut)).toContainEqual({
      where: 'checkpoint at 8',
      fault: 'the log ends at event 6: it was cut',
    });
  });

  it('finds a tail that was cut with its checkpoint only by one that was kept elsewhere', async () => {
    const { file, first, second } = await checkpoints();
    const older = databaseFile();
    const store = await open(older);
    for (const id of ['req_a', 'req_b', 'req_c']) await store.open(opening(id));
    await store.change('req_a', recording([commented('first')]));
    await store.change('req_b', recording([commented('second')]));
    await store.checkpoint(NOON);
    await store.close();
    expect((await verify(file, second)).faults).toEqual([]);
    expect((await verify(older)).faults).toEqual([]);
    expect((await verify(older, first)).faults).toEqual([]);
    expect((await verify(older, second)).faults).toEqual([
      { where: 'the kept checkpoint at 8', fault: 'the log ends at event 5: it was cut or replaced' },
    ]);
  });

  it('finds an older copy that was restored and went on from there', async () => {
    const file = databaseFile();
    const copy = databaseFile();
    const before = await open(file);
    await before.open(opening('req_a'));
    await before.close();
    copyFileSync(file, copy);
    const lost = await open(file);
    await lost.change('req_a', recording([closed('rejected')]));
    const known = await lost.checkpoint(NOON);
    await lost.close();
    const restored = await open(copy);
    await restored.change('req_a', recording([closed('approved')]));
    await restored.checkpoint(NOON);
    await restored.close();
    if (known === null) return expect.unreachable();
    expect((await verify(copy)).faults).toEqual([]);
    expect((await verify(copy, known)).faults).toEqual([
      { where: 'the kept checkpoint at 2', fault: 'the log has another head there: it was cut or replaced' },
    ]);
  });

  it('finds a snapshot that says something else than the events', async () => {
    const approve = `update requests set progress = replace(progress, '"approved"', '"rejected"') where id = 'req_a'`;
    expect(await faultsAfter(approve)).toEqual([
      { where: 'request req_a', fault: 'the snapshot differs from what the events say' },
    ]);
    expect(await faultsAfter(`update requests set status = 'approved' where id = 'req_b'`)).toEqual([
      { where: 'request req_b', fault: 'the column status differs from what the events say' },
    ]);
    expect(await faultsAfter(`delete from requests where id = 'req_b'`)).toEqual([
      { where: 'request req_b', fault: 'it has events, but its snapshot is missing' },
    ]);
    expect(
      await faultsAfter(`insert into requests select 'req_d', pipeline, gate, status, version, title, requester,
      supersedes_key, opened_at, due_at, definition, asked, hash, progress from requests where id = 'req_b'`),
    ).toEqual([{ where: 'request req_d', fault: 'it has a snapshot, but no events' }]);
  });

  it('finds a gate definition that was edited under the requests that pin it', async () => {
    const faults = await faultsAfter(`update definitions set json = replace(json, '"count":1', '"count":0')`);
    expect(faults).toHaveLength(3);
    expect(faults[0]?.fault).toMatch(
      /^its gate definition sha256:[0-9a-f]{64} is missing or does not match its digest$/,
    );
  });

  it('reads a log longer than a page, and names the first bad event of each request', async () => {
    const file = databaseFile();
    const store = await open(file);
    const ids = Array.from({ length: 900 }, (_, index) => `req_${String(index).padStart(4, '0')}`);
    await Promise.all(ids.map((id) => store.open(opening(id))));
    await Promise.all(ids.map((id) => store.change(id, recording([commented('one'), commented('two')]))));
    expect(await store.verify({ fold })).toMatchObject({ events: 2_700, faults: [] });
    await store.close();
    const shell = new Sqlite(file);
    shell.exec(`update events set data = '{}' where request_id in ('req_0123', 'req_0777') and version > 1`);
    shell.close();
    expect((await verify(file)).faults.map(({ where }) => where)).toEqual([
      expect.stringMatching(/^event \d+ \(req_0123, version 2\)$/),
      expect.stringMatching(/^event \d+ \(req_0777, version 2\)$/),
    ]);
  });

  it('warns at the start when signed events are missing', async () => {
    const file = databaseFile();
    await write(file);
    new Sqlite(file).exec('delete from events where seq > 6').close();
    const warnings: string[] = [];
    const store = await openSqlite({ file, signer, fold, clock: () => NOON, onWarning: (line) => warnings.push(line) });
    await store.close();
    expect(warnings).toEqual([
      'The log ends at event 6, but 8 were signed: events were removed. Run `countersign audit verify`.',
    ]);
  });
});
