/** test/contract/channel.ts: what every chat channel keeps, whatever it draws on: run against each of them. */
import { describe, expect, it } from 'vitest';
import {
  type Address,
  type Channel,
  type Outgoing,
  RefusedError,
  UnavailableError,
} from '../../src/adapters/channel.ts';
import type { RequestView } from '../../src/engine/view.ts';

/** A channel on a local platform that can say no. */
export interface ChannelHouse {
  readonly channel: Channel;
  /** A message for everybody in a channel, about a request that is pending. */
  outgoing(about?: Partial<Outgoing>): Outgoing;
  readonly person: Address;
  readonly nowhere: Address;
  view(about?: Partial<RequestView>): RequestView;
  readonly approved: RequestView;
  /** What stands on the platform in its newest form, as text, oldest first; all places together. */
  shown(): readonly string[];
  /** Whom the messages would call. */
  mentions(): readonly unknown[];
  /** How the next post goes wrong. */
  nextPost(fault: 'rateLimited for 7 s' | 'broken' | 'hangs'): void;
}

const failureOf = (act: Promise<unknown>): Promise<unknown> => act.then(() => null).catch((error: unknown) => error);

export const channelContract = (name: string, open: () => Promise<ChannelHouse>): void => {
  describe(`channel: ${name}`, () => {
    it('posts a surface once, and brings that very message up to date', async () => {
      const { channel, outgoing, approved, shown } = await open();
      const ref = await channel.post(outgoing());
      expect(shown()).toEqual([expect.stringContaining('Deploy billing to production')]);
      expect(await channel.update(outgoing({ view: approved }), ref)).toEqual(ref);
      expect(shown()).toEqual([expect.stringContaining('Approved by Ana Silva')]);
    });

    it('reaches a person alone, and tells them what a notice says', async () => {
      const { channel, outgoing, person, shown } = await open();
      await channel.post(outgoing({ to: person }));
      await channel.notify(outgoing({ key: 'dlv_2', to: person }), { kind: 'reminder', sentence: 'It still waits.' });
      expect(shown()).toEqual([
        expect.stringContaining('Deploy billing to production'),
        expect.stringContaining('It still waits.'),
      ]);
    });

    it('tells the history under the surface, which stays as it is', async () => {
      const { channel, outgoing, shown } = await open();
      expect(channel.hasThreads).toBe(true);
      const thread = await channel.post(outgoing());
      const [before] = shown();
      await channel.notify(outgoing({ key: 'dlv_2', thread }), { kind: 'history', sentence: 'Ben approved.' });
      expect(shown()).toEqual([before, expect.stringContaining('Ben approved.')]);
    });

    it('finds nothing that was never posted', async () => {
      const { channel, outgoing } = await open();
      expect(await channel.find(outgoing({ key: 'dlv_never' }))).toBeNull();
    });

    it('says that it can’t now, and for how long where it was told', async () => {
      const { channel, outgoing, nextPost, shown } = await open();
      nextPost('rateLimited for 7 s');
      const limited = await failureOf(channel.post(outgoing()));
      expect(limited).toBeInstanceOf(UnavailableError);
      expect(limited).toMatchObject({ retryAfterMs: 7_000 });
      nextPost('broken');
      expect(await failureOf(channel.post(outgoing()))).toBeInstanceOf(UnavailableError);
      expect(shown()).toEqual([]);
    });

    it('says no for good, in words, where there is no such place', async () => {
      const { channel, outgoing, nowhere, shown } = await open();
      const refused = await failureOf(channel.post(outgoing({ to: nowhere })));
      expect(refused).toBeInstanceOf(RefusedError);
      expect(String(refused)).toContain(nowhere.id);
      expect(shown()).toEqual([]);
    });

    it('lets go when its time is over', async () => {
      const { channel, outgoing, nextPost } = await open();
      nextPost('hangs');
      const time = new AbortController();
      const post = failureOf(channel.post(outgoing({ signal: time.signal })));
      setTimeout(() => time.abort(new Error('time is over')), 50);
      expect(await post).toBeInstanceOf(Error);
    });

    it('takes whatever a pipeline writes, and shows who it is about', async () => {
      const { channel, outgoing, view, shown, mentions } = await open();
      const hostile = `<!channel> @here [Approve](https://evil.example) <at>Ana</at> \u202e${'x'.repeat(10_000)} 🙂`;
      const facts = Array.from({ length: 200 }, (_, i) => ({ label: `${i} ${hostile}`, value: hostile }));
      await channel.post(outgoing({ view: view({ title: hostile, description: hostile, facts }) }));
      const [message = ''] = shown();
      expect(message).toContain('req_01JGX0000000000000000000');
      expect(mentions()).toEqual([]);
    });
  });
};
