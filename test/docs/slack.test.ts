/**
 * test/docs/slack.test.ts: the Slack app's manifest is one that Slack takes, and docs/slack.md speaks of all of it. The
 * schema is Slack's own: https://github.com/slackapi/manifest-schema (v0.5.0, schemas/manifest.schema.1.0.0.json).
 */
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { SCOPES } from '../../src/bot/slack-checkup.ts';
import { codeBlocks, fileText } from './documents.ts';

const read = (path: string) => JSON.parse(fileText(path));
const manifest = read('manifest.json');
// The schema says more than strict mode knows (`format`, `_note`); what it demands is checked all the same.
const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(
  read('test/docs/slack-manifest.schema.1.0.0.json'),
);
const faults = (candidate: unknown) => {
  validate(candidate);
  return validate.errors ?? [];
};

/** As docs/slack.md says to change it for HTTP. */
const overHttp = () => {
  const changes = codeBlocks('docs/slack.md').find(({ language }) => language === 'json')?.text ?? '{}';
  const { features, settings } = JSON.parse(changes);
  return {
    ...manifest,
    features: { ...manifest.features, ...features },
    settings: { ...manifest.settings, ...settings },
  };
};

describe('manifest.json', () => {
  it('is what Slack’s schema asks for, with Socket Mode and with HTTP', () => {
    expect(faults(manifest)).toEqual([]);
    expect(faults(overHttp())).toEqual([]);
    expect(faults({ ...manifest, sttings: {} })).not.toEqual([]); // a control: it does look
    expect(faults({ ...manifest, display_information: { name: 'x'.repeat(36) } })).not.toEqual([]);
  });

  it('needs no address with Socket Mode, and has all of them with HTTP', () => {
    expect(manifest.settings.socket_mode_enabled).toBe(true);
    expect(JSON.stringify(manifest)).not.toMatch(/https?:/);
    const { features, settings } = overHttp();
    const url = 'https://approvals.example.com/slack/events';
    expect(settings.socket_mode_enabled).toBe(false);
    const urls = [features.slash_commands[0].url, settings.interactivity.request_url];
    expect([...urls, settings.event_subscriptions.request_url]).toEqual([url, url, url]);
    expect(settings.event_subscriptions.bot_events).toEqual(manifest.settings.event_subscriptions.bot_events);
  });

  it('has the command with its mentions as ids, App Home, and the events that are listened to', () => {
    expect(manifest.features.slash_commands).toMatchObject([{ command: '/gates', should_escape: true }]);
    expect(manifest.features.app_home).toMatchObject({ home_tab_enabled: true, messages_tab_enabled: true });
    const heard = fileText('src/adapters/slack/inbound/events.ts');
    for (const event of manifest.settings.event_subscriptions.bot_events) expect(heard).toContain(`'${event}'`);
  });

  it('asks for no scope that nobody explains', () => {
    const scopes: readonly string[] = manifest.oauth_config.scopes.bot;
    expect(scopes).toEqual(Object.keys(SCOPES));
    const [, section = ''] = fileText('docs/slack.md').split(/^## Scopes$/m);
    const explained = [...(section.split(/^## /m)[0] ?? '').matchAll(/^\| (`[^|]*`) *\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, scope = '']) => scope),
    );
    expect(explained.toSorted()).toEqual(scopes.toSorted());
  });
});
