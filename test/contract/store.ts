/**
 * test/contract/store.ts: what every store promises, read top to bottom the specification of src/store/port.ts.
 * Each store runs it whole; `reopen` is there for those that keep something when the process ends.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Committed, Delivery, Store } from '../../src/store/port.ts';
import { closed, commented, delivery, fold, gate, NOON, nextId, opening, recording, signer } from './requests.ts';

export interface OpenedStore {
  readonly store: Store;
  close(): Promise<void>;
  /** Lets go of the store and opens what it kept. */
  reopen?(): Promise<Store>;
}

const SENT = { kind: 'sent', receipt: { ts: '1.2' }, shownVersion: 1 } as const;

/** @param open a new, empty store whose clock stands at `NOON` and whose signer is the tests' own. */
export function storeContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`store: ${name}`, () => {
    let opened: OpenedStore;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close());

    const openRequest = async (what: Parameters<typeof opening>[1] = {}): Promise<string> => {
      const id = nextId('req');
      await store.open(opening(id, what));
      return id;
    };
    const withDeliveries = async (...about: Parameters<typeof delivery>[1][]): Promise<string> => {
      const id = nextId('req');
      await store.open(opening(id, { deliveries: about.map((one) => delivery(id, one)) }));
      return id;
    };
    const claimOne = async (now = NOON): Promise<Delivery> => {
      const [first] = await store.claim(now, 1);
      if (first === undefined) throw new Error('Nothing could be claimed.');
      return first;
    };
    const faults = async (): Promise<readonly unknown[]> => (await store.verify({ fold })).faults;

    describe('opening', () => {
      it('keeps the request as it was decided', async () => {
        const id = nextId('req');
        const work = opening(id, { content: { context: { deep: [{ é: '“quoted” \\ \n' }, null, 1.5] } } });
        expect(await store.open(work)).toEqual({ kind: 'decided', answer: id });
        const change = work.decide();
        expect(await store.load(id)).toEqual(change.kind === 'write' && change.write.state);
      });

      it('keeps nothing when the decision was to change nothing', async () => {
        const id = nextId('req');
        const refused = { kind: 'none', answer: 'refused' } as const;
        expect(await store.open({ ...opening(id), decide: () => refused })).toEqual({
          kind: 'decided',
          answer: 'refused',
        });
        expect(await store.load(id)).toBeNull();
      });

      it('gives the same request again for the same idempotency key and body, and opens no second one', async () => {
        const idempotency = { pipeline: 'ci', key: 'run-7', bodyDigest: 'a' };
        const id = await openRequest({ idempotency });
        const again = await store.open(opening(nextId('req'), { idempotency }));
        expect(again.kind === 'replayed' && again.state.content.id).toBe(id);
        expect((await store.stats()).pending).toBe(1);
      });

      it('replays even when both arrive in the same turn', async () => {
        const idempotency = { pipeline: 'ci', key: 'run-7', bodyDigest: 'a' };
        const both = [opening(nextId('req'), { idempotency }), opening(nextId('req'), { idempotency })];
        const kinds = await Promise.all(both.map(async (work) => (await store.open(work)).kind));
        expect(kinds).toEqual(['decided', 'replayed']);
      });

      it('calls the same key with another body a conflict', async () => {
        await openRequest({ idempotency: { pipeline: 'ci', key: 'run-7', bodyDigest: 'a' } });
        const idempotency = { pipeline: 'ci', key: 'run-7', bodyDigest: 'b' };
        expect(await store.open(opening(nextId('req'), { idempotency }))).toEqual({ kind: 'conflict' });
      });

      it('tells what a key gave before, without opening or changing anything', async () => {
        const idempotency = { pipeline: 'ci', key: 'run-7', bodyDigest: 'a' };
        expect(await store.replayed(idempotency)).toBeNull();
        const id = await openRequest({ idempotency });
        await store.change(id, recording([commented('later')]));
        expect(await store.replayed(idempotency)).toEqual({ kind: 'replayed', state: await store.load(id) });
        expect(await store.replayed({ ...idempotency, bodyDigest: 'b' })).toEqual({ kind: 'conflict' });
        expect(await store.replayed({ ...idempotency, key: 'run-8' })).toBeNull();
        expect(await store.replayed({ ...idempotency, pipeline: 'nightly' })).toBeNull();
        expect([(await store.stats()).pending, (await store.events(id)).length]).toEqual([1, 2]);
      });

      it('does not mix up the keys of two pipelines', async () => {
        await openRequest({ idempotency: { pipeline: 'ci', key: 'run-7', bodyDigest: 'a' } });
        const idempotency = { pipeline: 'nightly', key: 'run-7', bodyDigest: 'b' };
        const other = opening(nextId('req'), { content: { pipeline: 'nightly' }, idempotency });
        expect((await store.open(other)).kind).toBe('decided');
      });

      it('does not remember the key of a request that was refused', async () => {
        const idempotency = { pipeline: 'ci', key: 'run-7', bodyDigest: 'a' };
        const refused = {
          ...opening(nextId('req'), { idempotency }),
          decide: () => ({ kind: 'none', answer: '' }) as const,
        };
        await store.open(refused);
        expect((await store.open(opening(nextId('req'), { idempotency }))).kind).toBe('decided');
      });

      it('ends older pending requests of the pipeline with the same key, in the same commit', async () => {
        const older = await openRequest({ content: { supersedes: 'shop' } });
        const otherKey = await openRequest({ content: { supersedes: 'cart' } });
        const otherPipeline = await openRequest({ content: { supersedes: 'shop', pipeline: 'nightly' } });
        const newer = await openRequest({ content: { supersedes: 'shop' } });
        const statusOf = async (id: string) => (await store.load(id))?.status;
        expect(await Promise.all([older, otherKey, otherPipeline, newer].map(statusOf))).toEqual([
          'cancelled',
          'pending',
          'pending',
          'pending',
        ]);
      });

      it('ends one that was opened in the same turn, too', async () => {
        const ids = [nextId('req'), nextId('req'), nextId('req')];
        await Promise.all(ids.map((id) => store.open(opening(id, { content: { supersedes: 'shop' } }))));
        const statuses = await Promise.all(ids.map(async (id) => (await store.load(id))?.status));
        expect(statuses).toEqual(['cancelled', 'cancelled', 'pending']);
        expect((await store.stats()).pending).toBe(1);
      });

      it('refuses a second request with an id that is taken, and keeps the first', async () => {
        const id = await openRequest({ content: { title: 'first' } });
        await expect(store.open(opening(id, { content: { title: 'second' } }))).rejects.toThrow();
        expect((await store.load(id))?.content.title).toBe('first');
        expect(await faults()).toEqual([]);
      });

      it('pins the definition of the gate, whatever later requests bring', async () => {
        const first = await openRequest();
        const second = await openRequest({ gate: { ...gate, timeoutMs: 60_000 } });
        expect((await store.load(first))?.gate).toEqual(gate);
        expect((await store.load(second))?.gate.timeoutMs).toBe(60_000);
      });

      it('stores a definition once and finds it by the digest that the event names', async () => {
        const [first] = await store.events(await openRequest());
        const [second] = await store.events(await openRequest());
        const digestIn = (data: string | undefined): string => JSON.parse(data ?? '{}').gate;
        expect(digestIn(first?.data)).toMatch(/^sha256:[0-9a-f]{64}$/);
        expect(digestIn(second?.data)).toBe(digestIn(first?.data));
        expect(await store.definition(digestIn(first?.data))).toEqual(gate);
        expect(await store.definition('sha256:0')).toBeNull();
      });
    });

    describe('changing', () => {
      it('hands over the newest state and answers what the decision answered', async () => {
        const id = await openRequest();
        expect(await store.change(id, recording([commented('one')]))).toBe(2);
        expect(await store.change(id, recording([commented('two'), closed('approved')]))).toBe(4);
        const state = await store.load(id);
        expect(state?.status).toBe('approved');
        expect(state?.comments.map((comment) => comment.text)).toEqual(['one', 'two']);
      });

      it('answers null for a request that does not exist, without asking', async () => {
        const asked = () => expect.unreachable();
        expect(await store.change('req_nowhere', asked)).toBeNull();
        expect(await store.load('req_nowhere')).toBeNull();
      });

      it('lets each of many changes of one turn see those before it', async () => {
        const id = await openRequest();
        const texts = Array.from({ length: 32 }, (_, index) => `comment ${index}`);
        const versions = await Promise.all(texts.map((text) => store.change(id, recording([commented(text)]))));
        expect(versions).toEqual(texts.map((_, index) => index + 2));
        expect((await store.load(id))?.comments.map((comment) => comment.text)).toEqual(texts);
        expect(await faults()).toEqual([]);
      });

      it('counts at most one closing, however many race for it', async () => {
        const id = await openRequest();
        const close = () =>
          store.change(id, (state) =>
            state.status === 'pending' ? recording([closed('approved')])(state) : { kind: 'none', answer: 0 },
          );
        const answers = await Promise.all([close(), close(), close()]);
        expect(answers).toEqual([2, 0, 0]);
      });

      it('rejects only the command whose decision throws', async () => {
        const id = await openRequest();
        const outcomes = await Promise.allSettled([
          store.change(id, recording([commented('before')])),
          store.change(id, () => {
            throw new Error('a bug');
          }),
          store.change(id, recording([commented('after')])),
        ]);
        expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
        expect((await store.load(id))?.comments.map((comment) => comment.text)).toEqual(['before', 'after']);
      });

      it('undoes work that fails half-way, and keeps the rest of the turn', async () => {
        const [first, second, third] = [nextId('req'), nextId('req'), nextId('req')];
        const taken = delivery(first);
        const outcomes = await Promise.allSettled([
          store.open(opening(first, { deliveries: [taken] })),
          store.open(opening(second, { deliveries: [delivery(second, { id: taken.id })] })),
          store.open(opening(third)),
        ]);
        expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
        expect(await store.load(second)).toBeNull();
        expect(await store.load(third)).not.toBeNull();
        expect((await store.log(0)).map((event) => event.request)).toEqual([first, third]);
        expect((await store.stats()).pending).toBe(2);
        expect(await faults()).toEqual([]);
      });

      it('refuses a state whose version is not the number of its events', async () => {
        const id = await openRequest();
        const miscounted = store.change(id, (state) => {
          const change = recording([commented('x')])(state);
          return change.kind === 'none' ? change : { ...change, write: { ...change.write, state } };
        });
        await expect(miscounted).rejects.toThrow();
        expect(await store.events(id)).toHaveLength(1);
      });
    });

    describe('the log', () => {
      it('has the events of a request in order, and what came after a version', async () => {
        const id = await openRequest();
        await openRequest();
        await store.change(id, recording([commented('one'), commented('two')]));
        const events = await store.events(id);
        expect(events.map(({ position, version, type }) => [position, version, type])).toEqual([
          [1, 1, 'opened'],
          [3, 2, 'commented'],
          [4, 3, 'commented'],
        ]);
        expect(JSON.parse(events[1]?.data ?? '')).toEqual(commented('one'));
        expect(await store.events(id, 2)).toEqual(events.slice(2));
      });

      it('is exported in pages', async () => {
        for (let count = 0; count < 5; count++) await openRequest();
        expect((await store.log(0, 2)).map((event) => event.position)).toEqual([1, 2]);
        expect((await store.log(2)).map((event) => event.position)).toEqual([3, 4, 5]);
      });

      it('is whole after all that may happen to a request', async () => {
        const id = await openRequest({ asked: [] });
        await store.change(id, recording([commented('…'), closed('rejected')]));
        await store.checkpoint(NOON);
        const verification = await store.verify({ fold });
        expect(verification).toMatchObject({ events: 3, checkpoints: 1, faults: [] });
        expect(verification.head).toBe((await store.checkpoints())[0]?.head);
      });

      it('is signed up to its end by a checkpoint, and not again when nothing is new', async () => {
        expect(await store.checkpoint(NOON)).toBeNull();
        await openRequest();
        const first = await store.checkpoint(NOON);
        expect(first).toMatchObject({ size: 1, at: NOON });
        expect(await store.checkpoint(NOON + 1)).toBeNull();
        await openRequest();
        const second = await store.checkpoint(NOON + 2);
        expect(second?.head).not.toBe(first?.head);
        expect(await store.checkpoints()).toEqual([first, second]);
        expect((await store.verify({ fold, ...(first && { since: first }) })).faults).toEqual([]);
      });

      it('is signed by the store itself each 1,000 events', async () => {
        await Promise.all(Array.from({ length: 1_500 }, () => openRequest()));
        await Promise.all(Array.from({ length: 600 }, () => openRequest()));
        const sizes = (await store.checkpoints()).map((checkpoint) => checkpoint.size);
        expect(sizes.length).toBeGreaterThanOrEqual(1);
        expect(sizes.every((size, index) => size - (sizes[index - 1] ?? 0) >= 1_000)).toBe(true);
        expect(await faults()).toEqual([]);
      });

      it('shows a checkpoint that was signed by somebody else', async () => {
        await openRequest();
        const own = await store.checkpoint(NOON);
        if (own === null) return expect.unreachable();
        const forged = { ...own, signature: signer.sign('something else') };
        expect((await store.verify({ fold, since: forged })).faults).toEqual([
          { where: 'the kept checkpoint at 1', fault: 'its signature is not ours' },
        ]);
      });
    });

    describe('lists', () => {
      const idsOf = async (filter: Omit<Parameters<Store['list']>[0], 'limit'>): Promise<string[]> =>
        (await store.list({ ...filter, limit: 50 })).requests.map((request) => request.content.id);

      it('go from the newest to the oldest, page by page', async () => {
        const ids = [await openRequest(), await openRequest(), await openRequest()].reverse();
        const first = await store.list({ limit: 2 });
        expect(first.requests.map((request) => request.content.id)).toEqual(ids.slice(0, 2));
        expect(first.next).toBe(ids[1]);
        const second = await store.list({ limit: 2, ...(first.next !== null && { after: first.next }) });
        expect(second.requests.map((request) => request.content.id)).toEqual(ids.slice(2));
        expect(second.next).toBeNull();
      });

      it('filter by status, gate, pipeline and requester, alone and together', async () => {
        const plain = await openRequest();
        const done = await openRequest({ content: { pipeline: 'nightly' } });
        await store.change(done, recording([closed('approved')]));
        const other = await openRequest({ gate: { ...gate, name: 'budget' }, content: { requester: 'ben' } });
        expect(await idsOf({ status: 'pending' })).toEqual([other, plain]);
        expect(await idsOf({ status: 'approved' })).toEqual([done]);
        expect(await idsOf({ gate: 'budget' })).toEqual([other]);
        expect(await idsOf({ pipeline: 'nightly' })).toEqual([done]);
        expect(await idsOf({ requester: 'mia' })).toEqual([done, plain]);
        expect(await idsOf({ requester: 'mia', status: 'pending', gate: 'deploy-prod' })).toEqual([plain]);
        expect(await idsOf({ requester: 'mia', gate: 'budget' })).toEqual([]);
      });

      it('show an approver what asks them now, and nothing that no longer does', async () => {
        const asksAna = await openRequest({ asked: ['ana'] });
        const asksBoth = await openRequest({ asked: ['ana', 'ben'] });
        expect(await idsOf({ approver: 'ana' })).toEqual([asksBoth, asksAna]);
        await store.change(asksBoth, recording([commented('ana voted')], { asked: ['ben', 'mia'] }));
        expect(await idsOf({ approver: 'ana' })).toEqual([asksAna]);
        expect(await idsOf({ approver: 'mia' })).toEqual([asksBoth]);
        await store.change(asksAna, recording([closed('approved')]));
        expect(await idsOf({ approver: 'ana' })).toEqual([]);
      });

      it('keep who is asked right when it changes back and forth in one turn', async () => {
        const id = nextId('req');
        await Promise.all([
          store.open(opening(id, { asked: ['ana'] })),
          store.change(id, recording([commented('1')], { asked: ['ben'] })),
          store.change(id, recording([commented('2')], { asked: ['ana', 'mia'] })),
        ]);
        expect(await idsOf({ approver: 'ben' })).toEqual([]);
        expect(await idsOf({ approver: 'ana' })).toEqual([id]);
        expect(await idsOf({ approver: 'mia' })).toEqual([id]);
      });

      it('find text in titles, taking % and _ as they are', async () => {
        const rate = await openRequest({ content: { title: 'Raise rate to 100% at_once' } });
        await openRequest({ content: { title: 'Raise rate to 1000 at once' } });
        expect(await idsOf({ q: '100%' })).toEqual([rate]);
        expect(await idsOf({ q: 'AT_ONCE' })).toEqual([rate]);
        expect(await idsOf({ q: '\\' })).toEqual([]);
        expect(await idsOf({ q: "' or 1=1 --" })).toEqual([]);
      });
    });

    describe('what is due', () => {
      it('is found by its time, longest overdue first, and not before', async () => {
        const late = await openRequest({ dueAt: NOON + 2_000 });
        const soon = await openRequest({ dueAt: NOON + 1_000 });
        await openRequest({ dueAt: null });
        expect(await store.due(NOON + 999, 10)).toEqual([]);
        expect(await store.due(NOON + 1_000, 10)).toEqual([soon]);
        expect(await store.due(NOON + 5_000, 10)).toEqual([soon, late]);
        expect(await store.due(NOON + 5_000, 1)).toEqual([soon]);
        expect(await store.nextDueAt()).toBe(NOON + 1_000);
      });

      it('moves with each change, and ends with the request', async () => {
        const id = await openRequest({ dueAt: NOON });
        await store.change(id, recording([commented('later')], { dueAt: NOON + 60_000 }));
        expect(await store.due(NOON, 10)).toEqual([]);
        expect((await store.stats()).nextDueAt).toBe(NOON + 60_000);
        await store.change(id, recording([closed('approved')], { dueAt: NOON }));
        expect(await store.due(NOON + 90_000, 10)).toEqual([]);
        expect(await store.nextDueAt()).toBeNull();
      });
    });

    describe('deliveries', () => {
      it('are written with the events that caused them, and claimed once they are due', async () => {
        const id = await withDeliveries({ dueAt: NOON + 10, payload: { to: ['C1'] } });
        expect(await store.claim(NOON, 10)).toEqual([]);
        expect(await store.nextDeliveryAt()).toBe(NOON + 10);
        const [claimed] = await store.claim(NOON + 10, 10);
        expect(claimed).toMatchObject({ request: id, state: 'sending', attempts: 0, payload: { to: ['C1'] } });
        expect(await store.claim(NOON + 10, 10)).toEqual([]);
        expect(await store.nextDeliveryAt()).toBeNull();
      });

      it('go to one target one at a time, the oldest first, and to different targets side by side', async () => {
        const first = await withDeliveries({ target: 'slack:C1' }, { target: 'slack:C2' });
        const second = await withDeliveries({ target: 'slack:C1' });
        const claimed = await store.claim(NOON, 10);
        expect(claimed.map(({ request, target }) => [request, target])).toEqual([
          [first, 'slack:C1'],
          [first, 'slack:C2'],
        ]);
        for (const one of claimed) await store.settle(one, SENT);
        expect((await store.claim(NOON, 10)).map(({ request }) => request)).toEqual([second]);
      });

      it('are not more than asked for', async () => {
        await withDeliveries({ target: 'a' }, { target: 'b' }, { target: 'c' });
        expect(await store.claim(NOON, 2)).toHaveLength(2);
        expect(await store.claim(NOON, 2)).toHaveLength(1);
      });

      it('keep receipt and shown version once sent', async () => {
        const request = await withDeliveries({});
        await store.settle(await claimOne(), SENT);
        const [kept] = await store.deliveries({ request, limit: 10 });
        expect(kept).toMatchObject({
          state: 'sent',
          receipt: { ts: '1.2' },
          shownVersion: 1,
          lastError: null,
          fence: 0,
        });
        expect(await store.nextDeliveryAt()).toBeNull();
      });

      it('wait for their retry and say why, and count their attempts', async () => {
        await withDeliveries({});
        await store.settle(await claimOne(), { kind: 'retry', at: NOON + 500, error: 'HTTP 503' });
        expect(await store.claim(NOON + 499, 10)).toEqual([]);
        expect(await store.nextDeliveryAt()).toBe(NOON + 500);
        expect(await claimOne(NOON + 500)).toMatchObject({ attempts: 1, lastError: 'HTTP 503' });
      });

      it('of a request wait for its older ones to the same target; those of other requests pass', async () => {
        const about = { kind: 'callback', channel: 'callback', target: 'callback:https://ci.acme.dev' } as const;
        const first = await withDeliveries(about, about);
        const second = await withDeliveries(about);
        const earlier = await claimOne();
        await store.settle(earlier, { kind: 'retry', at: NOON + 500, error: 'HTTP 503' });
        const passing = await claimOne();
        expect(passing.request).toBe(second);
        await store.settle(passing, { ...SENT, shownVersion: null });
        expect(await store.claim(NOON, 10)).toEqual([]);
        expect(await store.nextDeliveryAt()).toBe(NOON + 500);
        const retried = await claimOne(NOON + 500);
        expect(retried.id).toBe(earlier.id);
        await store.settle(retried, { ...SENT, shownVersion: null });
        expect((await claimOne(NOON + 500)).request).toBe(first);
      });

      it('that are dead do not block those behind them', async () => {
        await withDeliveries({}, {});
        const first = await claimOne();
        await store.settle(first, { kind: 'dead', error: 'HTTP 410' });
        expect((await claimOne()).id).not.toBe(first.id);
        const [dead] = await store.deliveries({ state: 'dead', limit: 10 });
        expect(dead).toMatchObject({ id: first.id, attempts: 1, lastError: 'HTTP 410' });
      });

      it('are put back by hand when they are dead or failed, and only then', async () => {
        await withDeliveries({});
        const first = await claimOne();
        expect(await store.requeue(first.id, NOON)).toBe(false);
        await store.settle(first, { kind: 'dead', error: 'HTTP 410' });
        expect(await store.requeue(first.id, NOON + 5)).toBe(true);
        expect(await store.nextDeliveryAt()).toBe(NOON + 5);
        const again = await claimOne(NOON + 5);
        expect(again).toMatchObject({ id: first.id, attempts: 0 });
        await store.settle(again, { kind: 'retry', at: NOON + 60_000, error: 'HTTP 503' });
        expect(await store.requeue(first.id, NOON + 6)).toBe(true);
        await store.settle(await claimOne(NOON + 6), SENT);
        expect(await store.requeue(first.id, NOON)).toBe(false);
        expect(await store.requeue('dlv_nowhere', NOON)).toBe(false);
      });

      it('ignore a settlement whose claim is over', async () => {
        const request = await withDeliveries({});
        const claimed = await claimOne();
        await store.settle(claimed, { kind: 'retry', at: NOON, error: 'HTTP 503' });
        await store.settle(claimed, SENT);
        const again = await claimOne();
        expect(again.fence).not.toBe(claimed.fence);
        await store.settle(claimed, { kind: 'dead', error: 'too late' });
        await store.settle(again, SENT);
        expect(await store.deliveries({ request, limit: 10 })).toMatchObject([{ state: 'sent' }]);
        expect((await store.stats()).deliveries).toMatchObject({ sent: 1, queued: 0, failed: 0, dead: 0 });
      });

      it('are listed newest first, by kind, state and request', async () => {
        const first = await withDeliveries({ target: 'a' }, { target: 'b', kind: 'notice' });
        const second = await withDeliveries({ target: 'c' });
        const claimed = await claimOne();
        const targets = async (filter: Omit<Parameters<Store['deliveries']>[0], 'limit'>) =>
          (await store.deliveries({ ...filter, limit: 10 })).map(({ target }) => target);
        expect(await targets({})).toEqual(['c', 'b', 'a']);
        expect(await targets({ request: second })).toEqual(['c']);
        expect(await targets({ kind: 'notice' })).toEqual(['b']);
        expect(await targets({ request: first, kind: 'notice' })).toEqual(['b']);
        expect(await targets({ state: 'sending' })).toEqual([claimed.target]);
        expect(await targets({ state: 'queued', request: first })).toEqual(['b']);
        expect(await store.deliveries({ limit: 1 })).toHaveLength(1);
        expect(await targets({ id: claimed.id })).toEqual([claimed.target]);
        expect(await targets({ id: 'dlv_nowhere' })).toEqual([]);
      });

      it('are shown to the pipeline whose requests they belong to, and to no other', async () => {
        const mine = await withDeliveries({ target: 'a' });
        const theirs = nextId('req');
        const foreign = delivery(theirs, { target: 'b' });
        await store.open(opening(theirs, { content: { pipeline: 'nightly' }, deliveries: [foreign] }));
        const shown = async (filter: Omit<Parameters<Store['deliveries']>[0], 'limit'>) =>
          (await store.deliveries({ ...filter, limit: 10 })).map(({ request }) => request);
        expect(await shown({ pipeline: 'ci' })).toEqual([mine]);
        expect(await shown({ pipeline: 'nightly' })).toEqual([theirs]);
        expect(await shown({ pipeline: 'ci', state: 'queued' })).toEqual([mine]);
        expect(await shown({ pipeline: 'ci', id: foreign.id })).toEqual([]);
        expect(await shown({ pipeline: 'ci', request: theirs })).toEqual([]);
      });
    });

    describe('surfaces', () => {
      const changed = (id: string, text = 'news') =>
        store.change(id, recording([commented(text)], { refreshSurfaces: true }));

      it('that were delivered are queued again by a change, with their receipt', async () => {
        const id = await withDeliveries({}, { kind: 'notice' });
        await store.settle(await claimOne(), SENT);
        await store.settle(await claimOne(), { ...SENT, shownVersion: null });
        await changed(id);
        const claimed = await store.claim(NOON, 10);
        expect(claimed).toMatchObject([{ kind: 'surface', receipt: { ts: '1.2' }, shownVersion: 1, attempts: 0 }]);
      });

      it('are updated once, however many changes there were meanwhile', async () => {
        const id = await withDeliveries({});
        await store.settle(await claimOne(), SENT);
        for (let count = 0; count < 10; count++) await changed(id, `vote ${count}`);
        await store.settle(await claimOne(), { ...SENT, shownVersion: 11 });
        expect(await store.claim(NOON, 10)).toEqual([]);
      });

      it('that fell behind while under way are queued again', async () => {
        const id = await withDeliveries({});
        const posting = await claimOne();
        await changed(id);
        expect(await store.claim(NOON, 10)).toEqual([]);
        await store.settle(posting, SENT);
        const update = await claimOne();
        expect(update).toMatchObject({ id: posting.id, shownVersion: 1 });
        await store.settle(update, { ...SENT, shownVersion: 2 });
        expect(await store.claim(NOON, 10)).toEqual([]);
      });

      it('that fell behind in the very turn they were settled are queued again', async () => {
        const id = await withDeliveries({});
        const posting = await claimOne();
        await Promise.all([store.settle(posting, SENT), changed(id)]);
        const second = await claimOne();
        await Promise.all([changed(id), store.settle(second, { ...SENT, shownVersion: 2 })]);
        expect((await claimOne()).shownVersion).toBe(2);
      });

      it('stay as they are when a change does not show', async () => {
        const id = await withDeliveries({});
        await store.settle(await claimOne(), SENT);
        await store.change(id, recording([commented('a heartbeat')]));
        expect(await store.claim(NOON, 10)).toEqual([]);
      });
    });

    describe('listeners', () => {
      it('hear of each changed request once per commit, when it is durable, with all its events', async () => {
        const heard: Committed[] = [];
        store.subscribe((committed) => heard.push(committed));
        const [first, second] = [nextId('req'), nextId('req')];
        await Promise.all([
          store.open(opening(first)),
          store.open(opening(second)),
          store.change(first, recording([commented('one')])),
        ]);
        expect(heard.map(({ state, events }) => [state.content.id, state.version, events.length])).toEqual([
          [first, 2, 2],
          [second, 1, 1],
        ]);
      });

      it('hear nothing of refusals, nor after they stopped', async () => {
        const id = await openRequest();
        const heard: Committed[] = [];
        const stop = store.subscribe((committed) => heard.push(committed));
        await store.change(id, () => ({ kind: 'none', answer: 0 }));
        expect(heard).toEqual([]);
        stop();
        await store.change(id, recording([commented('one')]));
        expect(heard).toEqual([]);
      });

      it('do not harm each other or the commit', async () => {
        const heard: string[] = [];
        store.subscribe(() => {
          throw new Error('a bug in a listener');
        });
        store.subscribe((committed) => heard.push(committed.state.content.id));
        const id = await openRequest();
        expect(heard).toEqual([id]);
      });
    });

    it('counts what there is', async () => {
      const empty = { queued: 0, sending: 0, sent: 0, failed: 0, dead: 0 };
      expect(await store.stats()).toEqual({ pending: 0, oldestPendingAt: null, deliveries: empty, nextDueAt: null });
      await openRequest({ at: NOON - 5_000, dueAt: NOON + 1 });
      await withDeliveries({ target: 'a' }, { target: 'b' }, { target: 'c' }, { target: 'd' }, { target: 'e' });
      const done = await openRequest();
      await store.change(done, recording([closed('rejected')]));
      const [a, b, c] = await store.claim(NOON, 4);
      if (a === undefined || b === undefined || c === undefined) return expect.unreachable();
      await store.settle(a, SENT);
      await store.settle(b, { kind: 'dead', error: 'no' });
      await store.settle(c, { kind: 'retry', at: NOON + 1, error: 'later' });
      expect(await store.stats()).toEqual({
        pending: 2,
        oldestPendingAt: NOON - 5_000,
        deliveries: { queued: 1, sending: 1, sent: 1, failed: 1, dead: 1 },
        nextDueAt: NOON + 1,
      });
    });

    it('keeps all that an opening says, also the pauses it began with', async () => {
      const id = nextId('req');
      const work = opening(id);
      const change = work.decide();
      if (change.kind !== 'write') return expect.unreachable();
      const [first] = change.write.events;
      if (first?.type !== 'opened') return expect.unreachable();
      const by = { kind: 'pipeline', pipeline: 'ci' } as const;
      const pauses = [{ by, reason: 'freeze', at: NOON, scope: { kind: 'gate', id: 'pau_1' } }] as const;
      await store.open({
        ...work,
        decide: () => ({ ...change, write: { ...change.write, events: [{ ...first, pauses }] } }),
      });
      const [kept] = await store.events(id);
      expect(JSON.parse(kept?.data ?? '{}')).toMatchObject({ type: 'opened', pauses });
    });

    it('counts what is pending of a gate, of a pipeline, and in all', async () => {
      const done = await openRequest();
      await openRequest();
      await openRequest({ content: { pipeline: 'other' } });
      await store.change(done, recording([closed('rejected')]));
      expect(await store.countPending({})).toBe(2);
      expect(await store.countPending({ pipeline: 'other' })).toBe(1);
      expect(await store.countPending({ gate: 'deploy-prod', pipeline: 'ci' })).toBe(1);
      expect(await store.countPending({ gate: 'deploy_prod' })).toBe(0);
    });

    describe('what channels keep', () => {
      it('is there by its name until it is forgotten, and the newest counts', async () => {
        expect(await store.recall('teams:ana')).toBeNull();
        await store.remember('teams:ana', 'first', null);
        await store.remember('teams:ben', '“second” 🙂', null);
        await store.remember('teams:ana', 'third', null);
        expect([await store.recall('teams:ana'), await store.recall('teams:ben')]).toEqual(['third', '“second” 🙂']);
        await store.remember('teams:ana', null, null);
        await store.remember('teams:ana', null, null);
        expect([await store.recall('teams:ana'), await store.recall('teams:ben')]).toEqual([null, '“second” 🙂']);
      });

      it('is gone when its time is over, and makes room by itself', async () => {
        await store.remember('old', 'x', 1);
        await store.remember('new', 'y', Date.UTC(2999, 0, 1));
        expect([await store.recall('old'), await store.recall('new')]).toEqual([null, 'y']);
      });

      it('is found by how its name begins, in order, and no letter is a wildcard', async () => {
        const names = [
          'away:%',
          'away:_a',
          'away:B',
          'away:a',
          'away:ä',
          'away:\u{10ffff}x',
          'away',
          'aw',
          'away;',
          'AWAY:a',
        ];
        for (const name of [...names].reverse()) await store.remember(name, `of ${name}`, null);
        await store.remember('away:over', 'x', 1);
        await store.remember('away:still', 'y', Date.UTC(2999, 0, 1));
        const found = async (prefix: string) => (await store.recallAll(prefix)).map(({ name }) => name);
        expect(await found('away:')).toEqual([
          'away:%',
          'away:B',
          'away:_a',
          'away:a',
          'away:still',
          'away:ä',
          'away:\u{10ffff}x',
        ]);
        expect(await found('away:%')).toEqual(['away:%']);
        expect(await found('away:_')).toEqual(['away:_a']);
        expect(await found('away:\u{10ffff}')).toEqual(['away:\u{10ffff}x']);
        expect(await found('\u{10ffff}')).toEqual([]);
        expect(await found('nothing')).toEqual([]);
        expect((await found('')).slice(0, 2)).toEqual(['AWAY:a', 'aw']);
        expect(await store.recallAll('away:a')).toEqual([{ name: 'away:a', value: 'of away:a' }]);
      });
    });

    it('can be probed', async () => {
      await expect(store.probe()).resolves.toBeUndefined();
    });

    it('commits what it has taken before it closes, and takes nothing afterwards', async () => {
      const taken = store.open(opening(nextId('req')));
      await store.close();
      await expect(taken).resolves.toMatchObject({ kind: 'decided' });
      await expect(store.open(opening(nextId('req')))).rejects.toMatchObject({ name: 'StoreUnavailableError' });
    });

    it('knows everything again after a restart, and nobody is under way', async (context) => {
      const { reopen } = opened;
      if (reopen === undefined) return context.skip();
      const idempotency = { pipeline: 'ci', key: 'run-7', bodyDigest: 'a' };
      const id = nextId('req');
      await store.open(opening(id, { idempotency, deliveries: [delivery(id), delivery(id, { target: 'b' })] }));
      await store.change(id, recording([commented('one')]));
      await store.settle(await claimOne(), { ...SENT, shownVersion: 2 });
      const underWay = await claimOne();
      await store.checkpoint(NOON);
      await store.change(id, recording([commented('two')]));
      const before = { state: await store.load(id), events: await store.log(0), points: await store.checkpoints() };
      store = await reopen();
      expect({ state: await store.load(id), events: await store.log(0), points: await store.checkpoints() }).toEqual(
        before,
      );
      expect((await store.stats()).deliveries).toMatchObject({ queued: 1, sending: 0, sent: 1 });
      expect((await claimOne()).id).toBe(underWay.id);
      expect((await store.open(opening(nextId('req'), { idempotency }))).kind).toBe('replayed');
      await store.change(id, recording([closed('approved')]));
      expect(await faults()).toEqual([]);
      expect(await store.checkpoint(NOON)).toMatchObject({ size: 4 });
      expect(await faults()).toEqual([]);
    });
  });
}
