import { describe, expect, it } from 'vitest';
import { problems, somebody } from '../config/given.ts';

describe('the name under which people open requests in a chat', () => {
  const named = (name: string) =>
    problems(`${somebody}pipelines:\n  ${name}: { token: tok_0123456789abcdef, gates: ["*"] }\n`);

  it('can’t be a pipeline’s: it could read and take back what people asked for', () => {
    expect(named('chat')).toEqual([expect.stringMatching(/pipelines\.chat: .*choose another/)]);
    expect(named('chat-ops')).toEqual([]);
  });
});
