import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/bot/config/index.ts';
import { readEnvironment } from '../../src/bot/environment.ts';

const secret = 'a secret that is long enough, by far';

/** The lines of what is wrong, or none. */
function problems(env: Record<string, string>): readonly string[] {
  try {
    readEnvironment(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
}

describe('the environment', () => {
  it('needs nothing set', () => {
    expect(readEnvironment({})).toEqual({
      isProduction: false,
      host: '127.0.0.1',
      isLoopback: true,
      port: 3000,
      publicUrl: null,
      databaseUrl: 'sqlite:./data/countersign.db',
      configPath: './countersign.yaml',
      secret: null,
      oldSecrets: [],
      tickCron: '*/5 * * * * *',
      logLevel: 'info',
      webDevLogin: false,
      callbackAllow: { hosts: [], cidrs: [] },
      trustProxy: [],
      checkpointFile: null,
      slack: { botToken: null, signingSecret: null, appToken: null, apiUrl: null },
      teams: { appId: null, appPassword: null, tenantId: null, appType: null, insecureLocal: false },
      smtpUrl: null,
      emailFrom: null,
      oidc: { issuer: null, clientId: null, clientSecret: null },
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readEnvironment({ PORT: '', COUNTERSIGN_SECRET: '', SLACK_BOT_TOKEN: '', NODE_ENV: '' })).toEqual(
      readEnvironment({}),
    );
  });

  it('reads what is set', () => {
    const read = readEnvironment({
      NODE_ENV: 'production',
      COUNTERSIGN_SECRET: secret,
      HOST: '0.0.0.0',
      PORT: '0',
      PUBLIC_URL: 'https://approvals.example.com/sign/',
      DATABASE_URL: 'postgres://u:p@db/countersign',
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_APP_TOKEN: 'xapp-1',
      SMTP_URL: 'smtps://mail.example.com',
      EMAIL_FROM: 'Approvals <approvals@example.com>',
      CALLBACK_ALLOW: 'ci.internal, LOCALHOST:8080 10.0.0.0/8,[::1]:9000,fd00::/8, ::1',
      WEB_DEV_LOGIN: '0',
      COUNTERSIGN_OLD_SECRETS: `${'a'.repeat(32)}, ${'b'.repeat(40)}`,
      TRUST_PROXY: '10.0.0.7, fd00::/8',
      CHECKPOINT_FILE: '/mnt/kept.jsonl',
    });
    expect(read).toMatchObject({ oldSecrets: ['a'.repeat(32), 'b'.repeat(40)], checkpointFile: '/mnt/kept.jsonl' });
    expect(read.trustProxy).toEqual(['10.0.0.7', 'fd00::/8']);
    expect(read).toMatchObject({ isProduction: true, isLoopback: false, port: 0, secret, webDevLogin: false });
    expect(read.publicUrl).toBe('https://approvals.example.com/sign');
    expect(read.callbackAllow).toEqual({
      hosts: [
        { host: 'ci.internal', port: null },
        { host: 'localhost', port: 8080 },
        { host: '::1', port: 9000 },
        { host: '::1', port: null },
      ],
      cidrs: ['10.0.0.0/8', 'fd00::/8'],
    });
  });

  it.each<[Record<string, string>, string]>([
    [{ PORT: '70000' }, 'PORT: must be a port from 0 to 65535'],
    [{ PORT: '3000x' }, 'PORT: must be a port from 0 to 65535'],
    [{ HOST: 'http://localhost' }, 'HOST: must be a host name or an IP address'],
    [
      { DATABASE_URL: 'mysql://x' },
      'DATABASE_URL: must begin with sqlite: (sqlite:./data/countersign.db) or postgres://',
    ],
    [{ TICK_CRON: 'every minute' }, 'TICK_CRON: must be a node-cron expression, such as */5 * * * * *'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL: must be one of fatal, error, warn, info, debug, trace, silent'],
    [{ WEB_DEV_LOGIN: 'yes' }, 'WEB_DEV_LOGIN: must be 1 or 0'],
    [
      { EMAIL_FROM: 'a@b.example, c@d.example' },
      'EMAIL_FROM: must be one address, such as Approvals <approvals@example.com>',
    ],
    [
      { SMTP_URL: 'https://mail', EMAIL_FROM: 'a@b.example' },
      'SMTP_URL: must be an address that begins with smtp:// or smtps://',
    ],
    [
      { SLACK_BOT_TOKEN: 'xoxp-1', SLACK_APP_TOKEN: 'xapp-1' },
      'SLACK_BOT_TOKEN: must be a bot token that begins with xoxb-',
    ],
    [{ SLACK_APP_TOKEN: 'xapp-1' }, 'SLACK_BOT_TOKEN: is required because SLACK_APP_TOKEN is set'],
    [
      { SLACK_BOT_TOKEN: 'xoxb-1' },
      'SLACK_SIGNING_SECRET: is required because SLACK_BOT_TOKEN is set (or SLACK_APP_TOKEN, for Socket Mode)',
    ],
    [
      { COUNTERSIGN_SECRET: 'short' },
      'COUNTERSIGN_SECRET: must have at least 32 characters; make one with: openssl rand -hex 32',
    ],
    [
      { COUNTERSIGN_OLD_SECRETS: `${secret},short` },
      'COUNTERSIGN_OLD_SECRETS: must be secrets of at least 32 characters, parted by commas',
    ],
    [
      { TRUST_PROXY: '10.0.0.0/8 proxy.internal' },
      'TRUST_PROXY: "proxy.internal" is not an address like 10.0.0.7, nor a range of some like 10.0.0.0/8',
    ],
    [
      { TRUST_PROXY: '0.0.0.0/0' },
      'TRUST_PROXY: "0.0.0.0/0" is not an address like 10.0.0.7, nor a range of some like 10.0.0.0/8',
    ],
    [{ TRUST_PROXI: '1' }, 'TRUST_PROXI: is not a variable of Countersign, did you mean TRUST_PROXY?'],
    [{ NODE_ENV: 'production' }, 'COUNTERSIGN_SECRET: is required in production: at least 32 random characters'],
    [
      { COUNTERSIGN_SECRT: secret },
      'COUNTERSIGN_SECRT: is not a variable of Countersign, did you mean COUNTERSIGN_SECRET?',
    ],
    [{ SLAKC_BOT_TOKEN: 'x' }, 'SLAKC_BOT_TOKEN: is not a variable of Countersign, did you mean SLACK_BOT_TOKEN?'],
    [{ SMTP_URI: 'x' }, 'SMTP_URI: is not a variable of Countersign, did you mean SMTP_URL?'],
    [
      { CALLBACK_ALLOW: 'https://ci.internal' },
      'CALLBACK_ALLOW: "https://ci.internal" is not a range like 10.0.0.0/8; write hosts without "https://" and paths',
    ],
    [{ CALLBACK_ALLOW: 'a b:99999' }, 'CALLBACK_ALLOW: "b:99999" is not a host like ci.internal or localhost:8080'],
    [
      { CALLBACK_ALLOW: '10.0.0.0/33' },
      'CALLBACK_ALLOW: "10.0.0.0/33" is not a range like 10.0.0.0/8; write hosts without "https://" and paths',
    ],
  ])('%j is refused', (env, line) => expect(problems(env)).toEqual([`environment ${line}`]));

  it.each([
    'ftp://a.example',
    'approvals.example.com',
    'https://user@a.example',
    'https://a.example/?x=1',
    'https://a.example/#x',
    'https://a.example/a/../b',
    'https://a.example/a//b',
    'https://a.example/%2fb',
    'https:\\\\a.example',
    'https:a.example',
  ])('refuses %s as the public address', (PUBLIC_URL) => {
    expect(problems({ PUBLIC_URL })).toEqual([
      'environment PUBLIC_URL: must be like https://approvals.example.com, without user, query or fragment',
    ]);
  });

  it.each(['WEB_DEV_LOGIN', 'TEAMS_INSECURE_LOCAL'])(
    'lets %s work on loopback only, and never in production',
    (name) => {
      for (const HOST of ['127.0.0.1', '127.8.8.8', 'localhost', '::1', '::ffff:127.0.0.1'])
        expect(problems({ [name]: '1', HOST })).toEqual([]);
      for (const HOST of ['0.0.0.0', '::', '192.168.1.4', 'localhost.example', 'bot'])
        expect(problems({ [name]: '1', HOST })).toEqual([
          `environment ${name}: lets people in without a password and is refused unless HOST is loopback (it is ${HOST})`,
        ]);
      expect(problems({ [name]: '1', NODE_ENV: 'production', COUNTERSIGN_SECRET: secret })).toEqual([
        `environment ${name}: lets people in without a password and is refused in production`,
      ]);
    },
  );

  it('says everything that is wrong at once, one line each', () => {
    expect(problems({ PORT: 'x', LOG_LEVEL: 'x', NODE_ENV: 'production', WEB_DEV_LOGIN: '1' })).toHaveLength(4);
  });

  it('lets variables of other programs be', () => {
    expect(
      problems({
        SMTP_USER: 'x',
        POST: '1',
        LOGLEVEL: 'x',
        SLACK_WEBHOOK_URL: 'x',
        COUNTERSIGN_URL: 'x',
        COUNTERSIGN_TOKEN: 'x',
      }),
    ).toEqual([]);
  });

  it('never shows a secret in what it complains about', () => {
    const text = problems({
      COUNTERSIGN_SECRET: 'hunter2',
      COUNTERSIGN_OLD_SECRETS: 'hunter2',
      SLACK_SIGNING_SECRET: 'hunter2',
      SLACK_BOT_TOKEN: 'hunter2',
      TEAMS_APP_PASSWORD: 'hunter2 x',
      DATABASE_URL: 'mysql://u:hunter2@h/d',
      SMTP_URL: 'http://u:hunter2@h',
      PUBLIC_URL: 'https://u:hunter2@h',
    }).join('\n');
    expect(text).toContain('COUNTERSIGN_SECRET');
    expect(text).not.toContain('hunter2');
  });
});
