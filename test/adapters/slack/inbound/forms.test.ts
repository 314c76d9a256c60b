/** test/adapters/slack/inbound/forms.test.ts: modals that ask for something, and what becomes of what is typed. */
import { describe, expect, it, vi } from 'vitest';
import type { GateDefinition } from '../../../../src/engine/definition.ts';
import { gate, HOUR, rule, stage } from '../../../engine/house.ts';
import { controlOf, labelOf } from '../../../fake/slack/controls.ts';
import { at } from '../../../fake/slack/wire.ts';
import type { FakeMessage, FakeView } from '../../../fake/slack/world.ts';
import { type House, openHouse } from './house.ts';

const withForm = gate(['ana', 'ben'], 1, {
  requireReason: ['approve', 'reject'],
  form: [
    {
      id: 'window',
      type: 'select',
      label: 'Window',
      help: null,
      required: true,
      when: null,
      options: ['now', 'tonight'],
    },
    {
      id: 'percent',
      type: 'number',
      label: 'Percent',
      help: null,
      required: true,
      when: null,
      min: 1,
      max: 100,
    },
  ],
});

const bypassable = gate(['ana', 'ben'], 2, {
  bypass: { by: ['mia'] },
  stages: [stage('review', [rule(['ana', 'ben', 'mia'], 2)])],
});

async function open(house: House, message: FakeMessage, user: string, label: RegExp): Promise<FakeView> {
  const before = house.slack.state.views.length;
  await house.people.click(user, message, controlOf(message, label));
  await vi.waitFor(() => expect(house.slack.state.views.length).toBe(before + 1));
  return house.modal();
}

/** Everything with `label` in it gets the text. */
const fill = (texts: Readonly<Record<string, string>>) => (label: string) => texts[label];

describe('a vote with a reason and a form', () => {
  it('is taken with what was typed, in the types of the gate', async () => {
    const house = await openHouse();
    const { id, message } = await house.ask(withForm);
    const modal = await open(house, message, 'U0ANA', /^Approve$/);
    const answer = await house.people.submit('U0ANA', modal, (label, block) =>
      label === 'Window' ? 'now' : label === 'Percent' ? '25' : `Looks fine (${String(block.type)})`,
    );
    expect(answer.json).toEqual({ response_action: 'clear' });
    expect(house.memory.state(id)).toMatchObject({
      status: 'approved',
      outcome: { inputs: { window: 'now', percent: 25 }, reason: 'Looks fine (input)' },
    });
  });

  it('that does not fit is answered at the field, the modal stays, and nothing is recorded', async () => {
    const house = await openHouse();
    const { id, message } = await house.ask(withForm);
    const modal = await open(house, message, 'U0ANA', /^Approve$/);
    const answer = await house.people.submit(
      'U0ANA',
      modal,
      fill({ Window: 'now', Percent: '500', Reason: 'why not' }),
    );
    expect(answer.json).toMatchObject({ response_action: 'errors', errors: { 'f.percent': expect.any(String) } });
    expect(modal.isOpen).toBe(true);
    expect(house.memory.state(id)).toMatchObject({ status: 'pending', votes: [] });
    await house.people.submit('U0ANA', modal, fill({ Window: 'tonight', Percent: '50', Reason: 'why not' }));
    expect(house.memory.state(id).status).toBe('approved');
  });

  it('that comes too late is refused at a field, so that nothing typed is lost', async () => {
    const house = await openHouse();
    const { message } = await house.ask(withForm);
    const modal = await open(house, message, 'U0ANA', /^Approve$/);
    house.pass(25 * HOUR);
    const answer = await house.people.submit('U0ANA', modal, fill({ Window: 'now', Percent: '5', Reason: 'late' }));
    expect(JSON.stringify(answer.json)).toMatch(/"response_action":"errors".*deadline has passed/);
  });

  it('while the store is away says that nothing was recorded', async () => {
    const house = await openHouse();
    const { id, message } = await house.ask(withForm);
    const modal = await open(house, message, 'U0ANA', /^Approve$/);
    house.memory.isStoreAway = true;
    const answer = await house.people.submit('U0ANA', modal, fill({ Window: 'now', Percent: '5', Reason: 'x' }));
    expect(JSON.stringify(answer.json)).toMatch(/"response_action":"errors".*nothing was changed/);
    expect(house.memory.state(id).status).toBe('pending');
  });

  it('that takes too long shows the wait, and then what became of it', async () => {
    const house = await openHouse({ patience: { click: 20, command: 20 } });
    const { id, message } = await house.ask(withForm);
    const modal = await open(house, message, 'U0ANA', /^Approve$/);
    let letGo = (): void => undefined;
    house.memory.hold = new Promise((resolve) => {
      letGo = resolve;
    });
    const answer = await house.people.submit('U0ANA', modal, fill({ Window: 'now', Percent: '5', Reason: 'x' }));
    expect(JSON.stringify(answer.json)).toContain('"response_action":"update"');
    expect(JSON.stringify(modal.view)).not.toContain('Recorded');
    letGo();
    await vi.waitFor(() => expect(JSON.stringify(modal.view)).toContain('Recorded.'));
    expect(house.memory.state(id).status).toBe('approved');
  });

  it('is the one’s who submits: somebody else’s modal gives nobody a vote', async () => {
    const house = await openHouse();
    const { id, message } = await house.ask(withForm);
    const modal = await open(house, message, 'U0ANA', /^Approve$/);
    const typed = fill({ Window: 'now', Percent: '5', Reason: 'x' });
    for (const user of ['U0CY', 'U0EVE']) {
      const answer = await house.people.postPayload(house.people.submitPayload(user, modal, typed));
      expect(JSON.stringify(answer.json)).toMatch(/not among the people who decide|not in the directory/);
    }
    expect(house.memory.state(id)).toMatchObject({ status: 'pending', votes: [] });
  });

  it('is refused when its metadata names a request that its message does not show', async () => {
    const house = await openHouse();
    const one = await house.ask(withForm);
    const other = await house.ask(withForm);
    const modal = await open(house, one.message, 'U0ANA', /^Approve$/);
    const metadata = String(modal.view.private_metadata).replace(one.id, other.id);
    modal.view = { ...modal.view, private_metadata: metadata };
    const answer = await house.people.submit('U0ANA', modal, fill({ Window: 'now', Percent: '5', Reason: 'x' }));
    expect(JSON.stringify(answer.json)).toContain('does not belong to the message');
    expect([one.id, other.id].map((id) => house.memory.state(id).status)).toEqual(['pending', 'pending']);
  });

  it('with metadata that is not ours is acknowledged and nothing else', async () => {
    const house = await openHouse();
    const { message } = await house.ask(withForm);
    const modal = await open(house, message, 'U0ANA', /^Approve$/);
    modal.view = { ...modal.view, private_metadata: '{"control":"vote|x","origin":null}' };
    expect(await house.people.submit('U0ANA', modal)).toMatchObject({ status: 200, text: '' });
    expect(house.memory.acted).toEqual([]);
  });

  it('submitted 16 times at once counts once', async () => {
    const house = await openHouse();
    const { id, message } = await house.ask(withForm);
    const modal = await open(house, message, 'U0ANA', /^Approve$/);
    const typed = fill({ Window: 'now', Percent: '5', Reason: 'x' });
    const all = Array.from({ length: 16 }, () =>
      house.people.postPayload(house.people.submitPayload('U0ANA', modal, typed)),
    );
    for (const { status } of await Promise.all(all)) expect(status).toBe(200);
    expect(house.memory.state(id).votes).toHaveLength(1);
  });
});

describe('the menu’s steps', () => {
  const step = async (
    definition: GateDefinition,
    user: string,
    label: RegExp,
    texts: Readonly<Record<string, string>>,
  ) => {
    const house = await openHouse();
    const { id, message } = await house.ask(definition);
    const modal = await open(house, message, user, label);
    const answer = await house.people.submit(user, modal, (name) => texts[name] ?? texts['*']);
    return { house, id, modal, answer };
  };

  it('take a comment', async () => {
    const { house, id } = await step(bypassable, 'U0ANA', /^Comment$/, { '*': 'Is <!channel> asleep?' });
    expect(house.memory.state(id).comments).toMatchObject([{ by: { person: 'ana' }, text: 'Is <!channel> asleep?' }]);
  });

  it('take a comment by a colleague who can read the message', async () => {
    const { house, id } = await step(gate(), 'U0CY', /^Comment$/, { '*': 'From the side' });
    expect(house.memory.state(id).comments).toMatchObject([{ by: { person: 'cy' } }]);
  });

  it('ask for information', async () => {
    const { house, id } = await step(bypassable, 'U0ANA', /^Ask for information$/, { '*': 'Why today?' });
    expect(house.memory.state(id).information).toMatchObject([{ by: 'ana', question: 'Why today?' }]);
  });

  it('hand a vote to the person who was picked', async () => {
    const { house, id, answer } = await step(gate(['ana', 'ben'], 2), 'U0ANA', /^Delegate$/, {
      'Who decides in your place?': 'U0MIA',
    });
    expect(answer.json).toEqual({ response_action: 'clear' });
    expect(house.memory.acted).toMatchObject([{ kind: 'delegate', person: 'ana', to: 'mia' }]);
    expect(JSON.stringify(house.memory.state(id))).toContain('mia');
  });

  it('refuse to hand a vote to somebody who is not in the directory', async () => {
    const { house, answer } = await step(gate(['ana', 'ben'], 2), 'U0ANA', /^Delegate$/, {
      'Who decides in your place?': 'U0EVE',
    });
    expect(answer.json).toMatchObject({
      response_action: 'errors',
      errors: { to: expect.stringContaining('directory') },
    });
    expect(house.memory.acted).toEqual([]);
  });

  it('put off reminders', async () => {
    const { house } = await step(gate(), 'U0ANA', /^Snooze$/, { 'No reminders for': '4 hours' });
    expect(house.memory.acted).toEqual([{ kind: 'snooze', person: 'ana', until: house.now() + 4 * HOUR }]);
  });

  it('bypass, for who may', async () => {
    const { house, id } = await step(bypassable, 'U0MIA', /^Bypass$/, { '*': 'Production is down' });
    expect(house.memory.state(id)).toMatchObject({ status: 'approved', outcome: { cause: 'bypass' } });
  });

  it('say kindly that a bypass is not theirs, for who may not', async () => {
    const house = await openHouse();
    const { message } = await house.ask(bypassable);
    await house.people.click('U0ANA', message, controlOf(message, /^Bypass$/));
    await vi.waitFor(() => expect(house.told('U0ANA')).toContain('cannot be bypassed by you'));
  });

  it('take a vote back, from Details', async () => {
    const house = await openHouse();
    const { id, message } = await house.ask(gate(['ana', 'ben'], 2));
    await house.people.click('U0ANA', message, controlOf(message, /^Approve$/));
    const details = await open(house, message, 'U0ANA', /^Details$/);
    await house.people.click('U0ANA', details, controlOf(details, /^Withdraw my vote$/));
    await vi.waitFor(() => expect(labelOf({ text: at(house.modal().view, 'submit') })).toBe('Withdraw my vote'));
    const answer = await house.people.submit('U0ANA', house.modal());
    expect(answer.json).toEqual({ response_action: 'clear' });
    expect(house.memory.state(id).votes.filter(({ counts }) => counts)).toEqual([]);
  });
});
