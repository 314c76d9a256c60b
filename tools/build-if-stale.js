// Builds dist when it is missing or older than the sources, so that `npm start` always runs what is in src and, when
// nothing changed, starts at once.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = join(root, 'dist/.tsbuildinfo');

function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return latest;
}

const configured = statSync(join(root, 'tsconfig.build.json')).mtimeMs;
if (!existsSync(built) || Math.max(newest(join(root, 'src')), configured) > statSync(built).mtimeMs)
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: ['ignore', 2, 2], // to standard error: standard output belongs to the command that follows
  });
