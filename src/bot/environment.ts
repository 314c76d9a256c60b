/**
 * src/bot/environment.ts: what the environment says, checked at the start. Every problem is found before anything is
 * refused; values of secrets never appear in a message.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import cron from 'node-cron';
import { z } from 'zod';
import { normaliseEmail } from './config/email.ts';
import { nearest } from './config/nearest.ts';
import { ConfigError } from './config/problem.ts';

/** What callbacks and actions may reach although it is private or plain http. */
interface CallbackAllow {
  /** In lower case, IPv6 without brackets; `port: null` is any. */
  readonly hosts: readonly { readonly host: string; readonly port: number | null }[];
  /** Like `10.0.0.0/8`; both parts are valid. */
  readonly cidrs: readonly string[];
}

export interface Environment {
  readonly isProduction: boolean;
  readonly host: string;
  readonly isLoopback: boolean;
  /** 0: any free port. */
  readonly port: number;
  /** Without a slash at the end. Null: derived from host and port once these are known. */
  readonly publicUrl: string | null;
  readonly databaseUrl: string;
  readonly configPath: string;
  readonly secret: string | null;
  /** What `secret` was before: they verify, and sign nothing any more. */
  readonly oldSecrets: readonly string[];
  readonly tickCron: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly webDevLogin: boolean;
  readonly callbackAllow: CallbackAllow;
  /** Addresses and ranges of proxies whose X-Forwarded-For is believed. */
  readonly trustProxy: readonly string[];
  /** Each checkpoint of the log is appended to it. */
  readonly checkpointFile: string | null;
  readonly slack: {
    readonly botToken: string | null;
    readonly signingSecret: string | null;
    readonly appToken: string | null;
    readonly apiUrl: string | null;
  };
  readonly teams: {
    readonly appId: string | null;
    readonly appPassword: string | null;
    readonly tenantId: string | null;
    readonly appType: 'MultiTenant' | 'SingleTenant' | 'UserAssignedMSI' | null;
    readonly insecureLocal: boolean;
  };
  readonly smtpUrl: string | null;
  readonly emailFrom: string | null;
  readonly oidc: {
    readonly issuer: string | null;
    readonly clientId: string | null;
    readonly clientSecret: string | null;
  };
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const MIN_SECRET = 32;

const flag = z
  .literal(['1', '0', 'true', 'false'], { error: 'must be 1 or 0' })
  .transform((text) => text === '1' || text === 'true');
const plain = (shape: RegExp, message: string) => z.string().regex(shape, message);
const address = (schemes: readonly string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol), {
    error: `must be an address that begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
  });
const emailFrom = (text: string) => normaliseEmail(/^[^<>\r\n]*<([^<>]+)>$/.exec(text)?.[1] ?? text) !== null;
const opaque = plain(/^[\x21-\x7e]+$/, 'must be visible ASCII characters without spaces');

const Variables = z.object({
  NODE_ENV: z.string().optional(),
  HOST: plain(/^[A-Za-z0-9._:-]{1,253}$/, 'must be a host name or an IP address').default('127.0.0.1'),
  PORT: plain(/^\d{1,5}$/, 'must be a port from 0 to 65535')
    .refine((text) => Number(text) <= 65535, 'must be a port from 0 to 65535')
    .transform(Number)
    .default(3000),
  PUBLIC_URL: z
    .string()
    .refine(isPublicUrl, 'must be like https://approvals.example.com, without user, query or fragment')
    .transform((text) => new URL(text).href.replace(/\/$/, ''))
    .optional(),
  DATABASE_URL: plain(
    /^(sqlite:.+|postgres(ql)?:\/\/.+)$/,
    'must begin with sqlite: (sqlite:./data/countersign.db) or postgres://',
  ).default('sqlite:./data/countersign.db'),
  COUNTERSIGN_CONFIG: z.string().default('./countersign.yaml'),
  COUNTERSIGN_SECRET: z
    .string()
    .min(MIN_SECRET, `must have at least ${MIN_SECRET} characters; make one with: openssl rand -hex 32`)
    .optional(),
  COUNTERSIGN_OLD_SECRETS: z
    .string()
    .transform((text) => text.split(',').map((secret) => secret.trim()))
    .refine(
      (secrets) => secrets.every((secret) => secret.length >= MIN_SECRET),
      `must be secrets of at least ${MIN_SECRET} characters, parted by commas`,
    )
    .default([]),
  TICK_CRON: z
    .string()
    .refine((text) => cron.validate(text), 'must be a node-cron expression, such as */5 * * * * *')
    .default('*/5 * * * * *'),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  WEB_DEV_LOGIN: flag.default(false),
  CALLBACK_ALLOW: z.string().default(''),
  TRUST_PROXY: z.string().default(''),
  CHECKPOINT_FILE: z.string().optional(),
  SLACK_BOT_TOKEN: plain(/^xoxb-[\x21-\x7e]+$/, 'must be a bot token that begins with xoxb-').optional(),
  SLACK_SIGNING_SECRET: opaque.min(16, 'must have at least 16 characters').optional(),
  SLACK_APP_TOKEN: plain(/^xapp-[\x21-\x7e]+$/, 'must be an app-level token that begins with xapp-').optional(),
  SLACK_API_URL: address(['https:', 'http:']).optional(),
  TEAMS_APP_ID: opaque.optional(),
  TEAMS_APP_PASSWORD: opaque.optional(),
  TEAMS_TENANT_ID: opaque.optional(),
  TEAMS_APP_TYPE: z
    .enum(['MultiTenant', 'SingleTenant', 'UserAssignedMSI'], {
      error: 'must be SingleTenant, MultiTenant or UserAssignedMSI',
    })
    .optional(),
  TEAMS_INSECURE_LOCAL: flag.default(false),
  SMTP_URL: address(['smtp:', 'smtps:']).optional(),
  EMAIL_FROM: z.string().refine(emailFrom, 'must be one address, such as Approvals <approvals@example.com>').optional(),
  OIDC_ISSUER: address(['https:', 'http:']).optional(),
  OIDC_CLIENT_ID: opaque.optional(),
  OIDC_CLIENT_SECRET: opaque.optional(),
});
/** Names that are ours alone; a slip in PORT or LOG_LEVEL may be a variable of another program. */
const OURS = /^(COUNTERSIGN|TEAMS|SLACK|SMTP|OIDC|CALLBACK|CHECKPOINT|TRUST|TICK|WEB_DEV|EMAIL)_/;
/** Read by the command line. */
const ELSEWHERE = ['COUNTERSIGN_URL', 'COUNTERSIGN_TOKEN', 'COUNTERSIGN_PERSON'];

/** Reads the variables of the bot; an empty one counts as unset. @throws ConfigError with every problem at once */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const problems = new Map<string, string>();
  const report = (name: string, message: string) => problems.set(name, problems.get(name) ?? message);
  const known = Object.keys(Variables.shape);
  const set = Object.fromEntries(known.filter((name) => (env[name] ?? '') !== '').map((name) => [name, env[name]]));
  reportSlips(Object.keys(env), [...known, ...ELSEWHERE], report);
  const parsed = Variables.safeParse(set);
  for (const issue of parsed.error?.issues ?? []) report(String(issue.path[0]), issue.message);
  const allow = callbackAllowOf(set.CALLBACK_ALLOW ?? '', report);
  const proxies = proxiesOf(set.TRUST_PROXY ?? '', report);
  // What depends on several variables is looked at even when one of the others is wrong.
  const isProduction = set.NODE_ENV === 'production';
  const host = set.HOST ?? '127.0.0.1';
  if (isProduction && set.COUNTERSIGN_SECRET === undefined)
    report('COUNTERSIGN_SECRET', `is required in production: at least ${MIN_SECRET} random characters`);
  else if (/^postgres/.test(set.DATABASE_URL ?? '') && set.COUNTERSIGN_SECRET === undefined)
    report('COUNTERSIGN_SECRET', `is required with PostgreSQL, where no file is kept: the same in every replica`);
  for (const name of ['WEB_DEV_LOGIN', 'TEAMS_INSECURE_LOCAL']) {
    if (set[name] !== '1' && set[name] !== 'true') continue;
    if (isProduction) report(name, 'lets people in without a password and is refused in production');
    else if (!isLoopback(host))
      report(name, `lets people in without a password and is refused unless HOST is loopback (it is ${host})`);
  }
  reportHalves(set, report);
  if (problems.size > 0 || !parsed.success)
    throw new ConfigError(
      [...problems].map(([path, message]) => ({ file: 'environment', line: null, column: null, path, message })),
    );
  return environmentOf(parsed.data, isProduction, allow, proxies);
}

function environmentOf(
  read: z.infer<typeof Variables>,
  isProduction: boolean,
  callbackAllow: CallbackAllow,
  trustProxy: readonly string[],
): Environment {
  return {
    isProduction,
    host: read.HOST,
    isLoopback: isLoopback(read.HOST),
    port: read.PORT,
    publicUrl: read.PUBLIC_URL ?? null,
    databaseUrl: read.DATABASE_URL,
    configPath: read.COUNTERSIGN_CONFIG,
    secret: read.COUNTERSIGN_SECRET ?? null,
    oldSecrets: read.COUNTERSIGN_OLD_SECRETS,
    tickCron: read.TICK_CRON,
    logLevel: read.LOG_LEVEL,
    webDevLogin: read.WEB_DEV_LOGIN,
    callbackAllow,
    trustProxy,
    checkpointFile: read.CHECKPOINT_FILE ?? null,
    slack: {
      botToken: read.SLACK_BOT_TOKEN ?? null,
      signingSecret: read.SLACK_SIGNING_SECRET ?? null,
      appToken: read.SLACK_APP_TOKEN ?? null,
      apiUrl: read.SLACK_API_URL ?? null,
    },
    teams: {
      appId: read.TEAMS_APP_ID ?? null,
      appPassword: read.TEAMS_APP_PASSWORD ?? null,
      tenantId: read.TEAMS_TENANT_ID ?? null,
      appType: read.TEAMS_APP_TYPE ?? null,
      insecureLocal: read.TEAMS_INSECURE_LOCAL,
    },
    smtpUrl: read.SMTP_URL ?? null,
    emailFrom: read.EMAIL_FROM ?? null,
    oidc: {
      issuer: read.OIDC_ISSUER ?? null,
      clientId: read.OIDC_CLIENT_ID ?? null,
      clientSecret: read.OIDC_CLIENT_SECRET ?? null,
    },
  };
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === 'localhost') return true;
  return isIP(bare) !== 0 && ipaddr.process(bare).range() === 'loopback';
}

function isPublicUrl(text: string): boolean {
  if (!URL.canParse(text) || !/^https?:\/\/[^/\\]/.test(text)) return false;
  const { username, password, search, hash, pathname, href } = new URL(text);
  const isPlain = username === '' && password === '' && search === '' && hash === '' && !/[?#@\\]/.test(text);
  return isPlain && !pathname.includes('//') && !/%2f|%5c/i.test(href) && !/\/\.{1,2}(\/|$)/.test(text);
}

/** Hosts (`ci.internal`, `localhost:8080`, `[::1]:9000`) and CIDRs, parted by commas or spaces. */
function callbackAllowOf(text: string, report: (name: string, message: string) => void): CallbackAllow {
  const hosts: { host: string; port: number | null }[] = [];
  const cidrs: string[] = [];
  for (const entry of text.split(/[\s,]+/).filter((part) => part !== '')) {
    if (entry.includes('/')) {
      if (ipaddr.isValidCIDR(entry)) cidrs.push(entry.toLowerCase());
      else
        report('CALLBACK_ALLOW', `"${entry}" is not a range like 10.0.0.0/8; write hosts without "https://" and paths`);
      continue;
    }
    const host = hostOf(entry);
    if (host === null) report('CALLBACK_ALLOW', `"${entry}" is not a host like ci.internal or localhost:8080`);
    else hosts.push(host);
  }
  return { hosts, cidrs };
}

/** Addresses and ranges, parted by commas or spaces. A range of everybody would let every caller name their own address. */
function proxiesOf(text: string, report: (name: string, message: string) => void): readonly string[] {
  const entries = text.split(/[\s,]+/).filter((part) => part !== '');
  for (const entry of entries)
    if ((isIP(entry) === 0 && !ipaddr.isValidCIDR(entry)) || entry.endsWith('/0'))
      report('TRUST_PROXY', `"${entry}" is not an address like 10.0.0.7, nor a range of some like 10.0.0.0/8`);
  return entries;
}

function hostOf(entry: string): { readonly host: string; readonly port: number | null } | null {
  if (isIP(entry) === 6) return { host: entry.toLowerCase(), port: null };
  const parts = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(?::(\d{1,5}))?$/.exec(entry);
  if (parts === null) return null;
  const [, name = '', digits] = parts;
  const port = digits === undefined ? null : Number(digits);
  if (port !== null && (port < 1 || port > 65535)) return null;
  if (!name.startsWith('[')) return { host: name.toLowerCase(), port };
  const bare = name.slice(1, -1).toLowerCase();
  return isIP(bare) === 6 ? { host: bare, port } : null;
}

/** Names that nobody reads but that look like ours: a slip there would silently switch something off. */
function reportSlips(
  names: readonly string[],
  known: readonly string[],
  report: (name: string, message: string) => void,
): void {
  const ours = known.filter((name) => OURS.test(name));
  for (const name of names) {
    if (known.includes(name)) continue;
    // Two slips in a short name are another name: SMTP_USER is not SMTP_URL.
    const meant = nearest(name, ours, name.length < 12 ? 1 : 2);
    if (meant !== null) report(name, `is not a variable of Countersign, did you mean ${meant}?`);
  }
}

/** Settings that are of no use without another. */
function reportHalves(
  set: Readonly<Record<string, string | undefined>>,
  report: (name: string, message: string) => void,
): void {
  const needs: readonly (readonly [string, string])[] = [
    ['SLACK_SIGNING_SECRET', 'SLACK_BOT_TOKEN'],
    ['SLACK_APP_TOKEN', 'SLACK_BOT_TOKEN'],
    ['TEAMS_APP_PASSWORD', 'TEAMS_APP_ID'],
    ['SMTP_URL', 'EMAIL_FROM'],
    ['OIDC_ISSUER', 'OIDC_CLIENT_ID'],
    ['OIDC_CLIENT_SECRET', 'OIDC_ISSUER'],
  ];
  for (const [name, needed] of needs)
    if (set[name] !== undefined && set[needed] === undefined) report(needed, `is required because ${name} is set`);
  if (set.SLACK_BOT_TOKEN !== undefined && set.SLACK_SIGNING_SECRET === undefined && set.SLACK_APP_TOKEN === undefined)
    report('SLACK_SIGNING_SECRET', 'is required because SLACK_BOT_TOKEN is set (or SLACK_APP_TOKEN, for Socket Mode)');
}
