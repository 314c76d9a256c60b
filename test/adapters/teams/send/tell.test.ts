import { describe, expect, it } from 'vitest';
import { cardOf, wordsOf } from '../../../fake/teams/cards.ts';
import { given, toAna } from './given.ts';

const telling = (text: string) => ({
  key: 'directory:oncall:1',
  to: toAna,
  text,
  signal: new AbortController().signal,
});

describe('what belongs to no request, in Teams', () => {
  it('is a plain card in the conversation with whom it is for, told once', async () => {
    const { teams, channel } = await given();
    const said = 'The group “oncall” can be asked again.\nThese gates go on: deploy.';
    const ref = await channel.tell?.(telling(said));
    const [message, ...more] = teams.messages();
    expect(more).toEqual([]);
    expect(ref).toMatchObject({ activity: message?.id });
    if (message === undefined) throw new Error('nothing was said');
    expect(wordsOf(cardOf(message.activity))).toContain('These gates go on: deploy.');
    expect(cardOf(message.activity)).not.toHaveProperty('actions');
  });

  it('calls nobody, whatever others wrote in it', async () => {
    const { teams, channel } = await given();
    await channel.tell?.(telling('<at>Ana</at> {{DATE(2026-01-01)}} **now**'));
    const [message] = teams.messages();
    if (message === undefined) throw new Error('nothing was said');
    const card = JSON.stringify(cardOf(message.activity));
    expect(card).not.toContain('<at>');
    expect(card).not.toContain('{{DATE');
    expect(card).not.toContain('"TextBlock"');
  });
});
