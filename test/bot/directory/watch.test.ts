/** Files that people are read from, on a real disk; only the waiting is virtual. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type Watch, watchFiles } from '../../../src/bot/directory/watch.ts';
import { until, VirtualTime } from '../dispatch-parts.ts';

const made: string[] = [];
const watches: Watch[] = [];
afterEach(() => {
  for (const watch of watches.splice(0)) watch.stop();
});
afterAll(() => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

function start(names: readonly string[] = ['people.csv']) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-watch-'));
  made.push(folder);
  const file = join(folder, 'people.csv');
  writeFileSync(file, 'id\nana\n');
  const time = new VirtualTime(0);
  let files = names.map((name) => join(folder, name));
  let changes = 0;
  const lines: string[] = [];
  const watch = watchFiles({
    files: () => files,
    onChange: () => void changes++,
    timers: time.timers,
    log: { warn: (_fields, message) => void lines.push(message) },
  });
  watches.push(watch);
  return {
    folder,
    file,
    time,
    lines,
    watch,
    changes: () => changes,
    follow(...more: readonly string[]) {
      files = more.map((name) => join(folder, name));
      watch.follow();
    },
    /** What the system says arrives some time; a look of our own comes in any case. */
    look: () => time.pass(15_000),
  };
}

describe('a file of people', () => {
  it('that is written anew is noticed without waiting for a look, once', async () => {
    const { file, time, changes } = start();
    const alarms = time.nextAt;
    writeFileSync(file, 'id\nana\nben\n');
    await until(() => time.nextAt !== alarms); // the system has told: it is waited for until the file rests
    await time.pass(499);
    expect(changes()).toBe(0);
    await time.pass(1);
    expect(changes()).toBe(1);
    await time.pass(60_000);
    expect(changes()).toBe(1);
  });

  it('that is still being written is left alone until it rests', async () => {
    const { file, time, changes } = start();
    for (let part = 0; part < 8; part++) {
      writeFileSync(file, `id\n${'ana\n'.repeat(part + 2)}`);
      await time.pass(400);
    }
    expect(changes()).toBe(0);
    await time.pass(20_000);
    expect(changes()).toBe(1);
  });

  it('that is written for ever is read all the same', async () => {
    const { file, time, changes } = start();
    for (let part = 0; part < 60; part++) {
      writeFileSync(file, `id\n${'ana\n'.repeat(part + 2)}`);
      await time.pass(450);
    }
    expect(changes()).toBeGreaterThan(0);
    expect(changes()).toBeLessThan(4);
  });

  it('that is replaced, removed, put back or only touched is noticed', async () => {
    const { folder, file, time, look, changes } = start();
    const settle = async () => {
      await look();
      await time.pass(600);
    };
    writeFileSync(join(folder, 'new.csv'), 'id\nana\n');
    renameSync(join(folder, 'new.csv'), file);
    await settle();
    expect(changes()).toBe(1);
    rmSync(file);
    await settle();
    expect(changes()).toBe(2);
    writeFileSync(file, 'id\nana\n');
    await settle();
    expect(changes()).toBe(3);
    utimesSync(file, 1, 1);
    await settle();
    expect(changes()).toBe(4);
    writeFileSync(join(folder, 'else.csv'), 'nobody’s business');
    await settle();
    expect(changes()).toBe(4);
  });

  it('that another config names is watched from then on, and the old one no more', async () => {
    const { folder, file, time, look, follow, changes } = start();
    writeFileSync(join(folder, 'staff.csv'), 'id\nana\n');
    follow('staff.csv');
    writeFileSync(file, 'id\nben\n');
    await look();
    await time.pass(600);
    expect(changes()).toBe(0);
    writeFileSync(join(folder, 'staff.csv'), 'id\nben\n');
    await look();
    await time.pass(600);
    expect(changes()).toBe(1);
    follow();
    expect(time.nextAt).toBeNull();
  });

  it('in a folder that is not there yet is looked for', async () => {
    const { folder, time, lines, look, changes } = start(['later/people.csv']);
    expect(lines).toEqual(['a folder can’t be watched']);
    mkdirSync(join(folder, 'later'));
    writeFileSync(join(folder, 'later/people.csv'), 'id\nana\n');
    await look();
    await time.pass(600);
    expect(changes()).toBe(1);
  });

  it('is nobody’s business any more after the end', async () => {
    const { file, watch, time, changes } = start();
    watch.stop();
    writeFileSync(file, 'id\nben\n');
    await time.pass(60_000);
    expect(changes()).toBe(0);
    expect(time.nextAt).toBeNull();
  });
});
