/** What is typed to pause a gate, a pipeline or everything, and to let it go on. */
import { describe, expect, it } from 'vitest';
import { BATCH } from '../../../src/bot/chat/limits.ts';
import { GATES, startChat } from './chat.ts';

/** Ana asks at the gate deploy, Mia may bypass breakable, Cy is an admin. */
async function given() {
  const chat = await startChat();
  chat.reload(`${GATES}\nadmins: [cy]\npipelines: { ci: { token: 0123456789abcdef0123, gates: ["*"] } }\n`);
  return chat;
}

describe('/gates pause GATE', () => {
  it('pauses what is pending and what opens later, says how much that is, and how it goes on', async () => {
    const chat = await given();
    const [one, other] = [await chat.open('deploy'), await chat.open('ana-only')];
    expect(await chat.told('ana', 'pause Deploy the line is down')).toBe(
      'The gate deploy is paused: that is about 1 pending request, and about what is opened there from now on. Nobody can decide until it goes on, and nobody is reminded. Deadlines and target times stand still meanwhile. “/gates resume deploy” lets it go on.',
    );
    expect(await chat.told('ben', `approve ${one}`)).toMatch(/paused/);
    const later = await chat.open('deploy');
    expect(await chat.read(later)).toMatchObject({
      paused: { by: { person: 'ana', via: 'slack' }, reason: 'the line is down', scope: { kind: 'gate' } },
    });
    expect(await chat.happened(other)).toEqual(['opened']);
    expect(await chat.told('ben', 'pause deploy')).toMatch(
      /^The gate deploy is paused already, by Ana Silva since 2026-03-02 09:00 UTC \(the line is down\)/,
    );
    expect(await chat.told('ben', 'resume deploy')).toMatch(
      /^The gate deploy goes on\. 2 pending requests .* have moved/,
    );
    expect(await chat.told('ben', 'resume deploy')).toMatch(/^Nothing is paused/);
    expect(await chat.told('ben', `approve ${one}`)).toMatch(/Approved by Ben/);
  });

  it('lets the clocks run where that is written', async () => {
    const chat = await given();
    await chat.open('deploy');
    expect(await chat.told('ana', 'pause deploy clocks:run the line is down')).toMatch(
      /Deadlines and target times run on/,
    );
    expect(await chat.told('ana', 'pauses')).toMatch(
      /^• The gate deploy: paused by Ana Silva since .* \(the line is down\)\. .* run on/,
    );
    expect(await chat.told('ana', 'resume gate deploy')).not.toMatch(/moved/);
  });

  it('may be said by whoever may bypass, and looks to a stranger like a gate that is not there', async () => {
    const chat = await given();
    const id = await chat.open('breakable');
    expect(await chat.told('eve', 'pause breakable')).toBe(
      (await chat.told('eve', 'pause nowhere')).replace('nowhere', 'breakable'),
    );
    expect(await chat.told('ana', 'pause breakabel')).toMatch(/Did you mean "breakable"\?/);
    expect(await chat.happened(id)).toEqual(['opened']);
    expect(await chat.told('mia', 'pause breakable')).toMatch(/^The gate breakable is paused/);
    expect(await chat.told('eve', 'resume breakable')).toMatch(/paused by Mia Chen since .* can let it go on/);
  });

  it('pauses for somebody who only asked there what they have a part in, and leaves the gate open', async () => {
    const chat = await given();
    const [mine, other] = [await chat.open('deploy', { requester: 'eve' }), await chat.open('deploy')];
    expect(await chat.told('eve', 'pause deploy not today')).toBe(
      'Paused 1 request at deploy. The gate itself stays open for others.',
    );
    expect(await chat.told('eve', 'pause deploy')).toMatch(/^Nothing is pending/);
    expect(await chat.read(mine)).toMatchObject({ paused: { by: { person: 'eve' }, reason: 'not today' } });
    expect(await chat.read(mine)).not.toHaveProperty('paused.scope');
    expect(await chat.happened(other)).toEqual(['opened']);
    expect(await chat.told('eve', 'resume deploy')).toBe('Resumed 1 request at deploy.');
  });

  it('takes of these no more than so many at once, and says that there are more', async () => {
    const chat = await given();
    await Promise.all(Array.from({ length: BATCH + 1 }, () => chat.open('ana-only', { requester: 'eve' })));
    expect(await chat.told('eve', 'pause ana-only')).toMatch(
      new RegExp(`^Paused ${BATCH} requests at ana-only\\. There are more; please run it again\\.`),
    );
    expect(await chat.told('eve', 'pause ana-only')).toMatch(/^Paused 1 request at ana-only\./);
  });
});

describe('/gates pause everything, and a pipeline', () => {
  it('is for the admins, needs a reason, and is told to whoever else tries', async () => {
    const chat = await given();
    const id = await chat.open('ana-only');
    expect(await chat.told('ana', 'pause everything because I can')).toBe(
      'Only the admins can pause everything: Cy Tan. Nothing was done.',
    );
    expect(await chat.told('ana', 'pause pipeline ci')).toBe(
      'Only the admins can pause the pipeline ci: Cy Tan. Nothing was done.',
    );
    expect(await chat.told('cy', 'pause everything')).toMatch(/^Please write it like this/);
    expect(await chat.happened(id)).toEqual(['opened']);
    expect(await chat.told('cy', 'pause everything Incident 4711')).toMatch(
      /^Everything is paused: that is about 1 pending request/,
    );
    expect(await chat.told('ana', `approve ${id}`)).toMatch(/paused/);
    expect(await chat.told('ana', 'resume everything')).toMatch(/^Only the admins can resume everything/);
    expect(await chat.told('cy', 'resume everything')).toMatch(/^Everything goes on/);
    expect(await chat.told('ana', `approve ${id}`)).toMatch(/Approved by Ana/);
  });

  it('says where the config names no admins', async () => {
    const chat = await startChat();
    expect(await chat.told('cy', 'pause everything Incident')).toMatch(/the config names none yet \(“admins”\)/);
  });

  it('knows pipelines by name, and suggests the one that is meant', async () => {
    const chat = await given();
    expect(await chat.told('cy', 'pause pipeline ic')).toMatch(/There is no pipeline “ic”\. Did you mean “ci”\?/);
    expect(await chat.told('cy', 'pause pipeline ci')).toMatch(/^The pipeline ci is paused/);
    const id = await chat.open('ana-only');
    expect(await chat.told('ana', `approve ${id}`)).toMatch(/paused/);
    expect(await chat.told('cy', 'resume pipeline ci back again')).toMatch(/^The pipeline ci goes on/);
  });

  it('shows all of it side by side, and says what still keeps a gate from going on', async () => {
    const chat = await given();
    expect(await chat.told('ana', 'pauses')).toMatch(/^Nothing is paused/);
    await chat.open('deploy');
    await chat.says('ana', 'pause deploy');
    await chat.says('cy', 'pause everything Incident');
    expect(await chat.told('eve', 'pauses')).toMatch(
      /^• Everything: paused by Cy Tan.*\n• The gate deploy: paused by Ana Silva/,
    );
    expect(await chat.told('ana', 'resume deploy')).toMatch(
      /But everything is paused, by Cy Tan since .* \(Incident\)/,
    );
  });

  it.each(['pause', 'pause gate', 'pause pipeline', 'resume'])('shows how %s is written', async (line) => {
    expect(await (await given()).told('cy', line)).toMatch(
      /^Please write it like this: \/gates (pause|resume) GATE\|pipeline NAME\|everything/,
    );
  });
});
