import { describe, expect, it } from 'vitest';
import { UnavailableError } from '../../../../src/adapters/channel.ts';
import { failureOf, given } from './given.ts';

const telling = (text: string, id = 'U0ANA') => ({
  key: 'directory:oncall:1',
  to: { kind: 'person', id } as const,
  text,
  signal: new AbortController().signal,
});

describe('what belongs to no request, in Slack', () => {
  it('is a plain direct message, in the workspace of whom it is for', async () => {
    const { slack, channel } = await given();
    const ref = await channel.tell?.(telling('The group “oncall” can be asked again.'));
    const [message] = slack.messages('D0ANA');
    expect(ref).toEqual({ team: 'T0ACME', channel: 'D0ANA', ts: message?.ts });
    expect(message).toMatchObject({ text: 'The group “oncall” can be asked again.' });
    expect(message?.blocks).toHaveLength(1);
  });

  it('shows what others wrote in it as they wrote it', async () => {
    const { slack, channel } = await given();
    await channel.tell?.(telling('<!channel> *now* <https://evil.example|here> & @ana'));
    const [message] = slack.messages('D0ANA');
    const block = JSON.stringify(message?.blocks);
    for (const markup of ['<!channel>', '*now*', '<https:']) expect(block).not.toContain(markup);
    expect(message?.text).not.toContain('<!channel>');
  });

  it('says that it should be tried again while Slack is away', async () => {
    const { slack, channel } = await given();
    slack.script('chat.postMessage', { kind: 'drop', accepted: false });
    expect(await failureOf(channel.tell?.(telling('hello')) ?? Promise.resolve())).toBeInstanceOf(UnavailableError);
    expect(slack.messages('D0ANA')).toEqual([]);
  });
});
