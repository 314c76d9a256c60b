#!/usr/bin/env node
/** src/cli/main.ts: the `countersign` command. A `.env` here fills in what the environment does not say. */
import { existsSync } from 'node:fs';
import { run } from './program.ts';
import { processTerminal } from './terminal.ts';

if (existsSync('.env')) process.loadEnvFile('.env');
process.exitCode = await run(process.argv.slice(2), processTerminal());
