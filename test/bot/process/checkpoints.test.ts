import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, startTestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

let elsewhere: string;
beforeEach(() => {
  elsewhere = mkdtempSync(join(tmpdir(), 'countersign-elsewhere-'));
});
afterEach(() => rmSync(elsewhere, { recursive: true, force: true }));

describe('a checkpoint', () => {
  it('leaves the database: as a line of the log, and of CHECKPOINT_FILE', async () => {
    const file = join(elsewhere, 'kept.jsonl');
    const bot = await startTestBot({ config: GATES, env: { CHECKPOINT_FILE: file, LOG_LEVEL: 'info' } });
    try {
      await bot.opened({ gate: 'deploy' });
      const first = await bot.store.checkpoint(Date.now());
      await bot.opened({ gate: 'deploy' });
      await bot.stop(); // which signs what is new
      const lines = readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines).toEqual([
        first,
        { ...first, size: 2, head: expect.any(String), at: expect.any(Number), signature: expect.any(String) },
      ]);
      expect(statSync(file).mode & 0o077).toBe(0);
      const logged = () =>
        bot
          .lines()
          .map((line) => JSON.parse(line))
          .filter(({ msg }) => msg === 'checkpoint');
      await eventually(() => logged().length === 2, 'both in the log');
      expect(logged()).toMatchObject(lines);
    } finally {
      rmSync(bot.folder, { recursive: true, force: true });
    }
  });

  it('that can be written nowhere stops the start with one clear line', async () => {
    const env = { CHECKPOINT_FILE: join(elsewhere, 'no-such-folder', 'kept.jsonl') };
    await expect(startTestBot({ config: GATES, env })).rejects.toThrow(
      /^environment CHECKPOINT_FILE: can't be written \(ENOENT\)$/,
    );
  });
});
