/**
 * test/fake/browser.ts: a real Chromium from the registry, for tests of pages. Unpacked once into the temporary folder,
 * where later runs find it.
 */
import { mkdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/** Unpacking takes a few seconds; a lock this old was left by a run that was killed. */
const STALE_LOCK_MS = 60_000;

/** Several test files may start at once, and a half-written executable does not run. */
async function unpacked(): Promise<string> {
  const lock = join(tmpdir(), 'countersign-chromium.lock');
  for (;;) {
    try {
      await mkdir(lock);
      break;
    } catch {
      const age = await stat(lock).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      if (age > STALE_LOCK_MS) await rm(lock, { recursive: true, force: true });
      await pause(100);
    }
  }
  try {
    return await chromium.executablePath();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

/**
 * Switches of the package that do not suit tests: those that make the browser more lenient than people's own, and one
 * process for everything, which ends the browser with its first closed context.
 */
const UNSUITABLE = ['--disable-web-security', '--allow-running-insecure-content', '--single-process', '--no-zygote'];

/** Starts a headless browser that calls nobody by itself. The caller closes it. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = await unpacked();
  return playwright.launch({
    executablePath,
    headless: true,
    args: [
      ...chromium.args.filter((argument) => !UNSUITABLE.includes(argument)),
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}
