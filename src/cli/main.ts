#!/usr/bin/env node
/** src/cli/main.ts: the `countersign` command. */
import { run } from './program.ts';
import { processTerminal } from './terminal.ts';

process.exitCode = await run(process.argv.slice(2), processTerminal());
