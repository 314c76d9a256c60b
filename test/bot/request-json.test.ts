/** test/bot/request-json.test.ts: a request as text is the JSON of the same request as an object. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentOf } from '../../src/bot/open.ts';
import { callbackBody, requestJson, requestText } from '../../src/bot/request-json.ts';
import { anyLife, play } from '../engine/arbitrary.ts';
import { content, gate } from '../engine/house.ts';

const PUBLIC_URL = 'https://approvals.example.com';

describe('a request as text', () => {
  it('says what the object says, whatever has happened to it', () => {
    fc.assert(
      fc.property(anyLife(), (life) => {
        const { state } = play(life);
        if (state === null) return;
        const object = JSON.parse(JSON.stringify(requestJson(state, PUBLIC_URL)));
        expect(JSON.parse(requestText(state, PUBLIC_URL))).toEqual(object);
        expect(JSON.parse(callbackBody(state, PUBLIC_URL)).data).toEqual(object);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the content of a new request', () => {
  it('is stored as the text of what it is, and begins with what people are shown', () => {
    const title = 'Pay “A & B” \\ 12 €\n"now"';
    const asked = { ...content({ title, context: { amount: 12, to: ['Zoë'] } }) };
    const { content: made, text, shown } = contentOf(asked.id, asked.pipeline, gate(), asked);
    expect(JSON.parse(text)).toEqual(made);
    expect(text.startsWith(`{${shown},`)).toBe(true);
    expect(JSON.parse(`{${shown}}`)).toMatchObject({ id: asked.id, title, context: asked.context });
  });
});
