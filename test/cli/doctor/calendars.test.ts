import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readEnvironment } from '../../../src/bot/environment.ts';
import { calendars } from '../../../src/cli/doctor/calendars.ts';
import { calendar, event } from '../../adapters/ics/calendars.ts';
import { testTerminal } from '../test-terminal.ts';

/** Absences begin on the day that the terminal has. */
const today = new Date(testTerminal({}).now()).toISOString().slice(0, 10).replaceAll('-', '');
const ANSWERS: Readonly<Record<string, string>> = {
  '/good-secret': calendar(
    event('SUMMARY:Vacation', `DTSTART;VALUE=DATE:${today}`),
    event('SUMMARY:Lunch', 'DTSTART:x'),
  ),
  '/half-secret': calendar(event('SUMMARY:Vacation', 'DTSTART:x')),
  '/page-secret': '<html>Sign in</html>',
};

async function told(paths: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const server = createServer((request, response) => {
    const answer = ANSWERS[request.url ?? ''];
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port }: AddressInfo = Object.assign({ port: 0, family: '', address: '' }, server.address());
  const folder = mkdtempSync(join(tmpdir(), 'countersign-doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const people = Object.entries(paths).map(
    ([id, path]) => `  ${id}: { calendar: "http://127.0.0.1:${port}${path}" }\n`,
  );
  const file = join(folder, 'countersign.yaml');
  writeFileSync(file, `people:\n${people.join('')}`);
  const env = { COUNTERSIGN_CONFIG: file, CALLBACK_ALLOW: '127.0.0.1' };
  const findings = await calendars(readEnvironment(env), testTerminal(env));
  return findings.map(({ mark, text }) => `${mark}: ${text}`);
}

describe('the doctor', () => {
  it('reads each calendar once, and says whose can’t be read and why, without its address', async () => {
    const lines = await told({ ana: '/good-secret', ben: '/half-secret', cy: '/page-secret', dan: '/none-secret' });
    expect(lines).toEqual([
      'ok: calendar of ana: 1 time away in the coming two months',
      'look: calendar of ben: one of its absences can’t be read, and is left out',
      'look: calendar of cy can’t be read: it is a web page and no calendar: the address may ask for a sign-in',
      'look: calendar of dan can’t be read: it answered 404',
    ]);
    expect(lines.join()).not.toContain('secret');
  });
});
