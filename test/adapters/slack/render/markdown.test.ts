import { describe, expect, it } from 'vitest';
import { markdown } from '../../../../src/adapters/slack/render/markdown.ts';

describe('a description in Markdown', () => {
  it('keeps what Slack has as well: bold, italics, strikes, code, lists, headings', () => {
    expect(
      markdown('# What changes\n\n**bold** *soft* ~~gone~~ `code`\n\n1. one\n2. two\n   - deeper\n\n> said'),
    ).toEqual(['*What changes*', '*bold* _soft_ ~gone~ `code`', '1. one', '2. two', '    • deeper', '│ said']);
  });

  it('shows code as it stands, line by line', () => {
    expect(markdown('```sh\nkubectl rollout undo\n\n*not bold* :tada: <!channel>\n```')).toEqual([
      '`kubectl rollout undo`',
      '`*not bold* :tada: &lt;!channel&gt;`',
    ]);
  });

  it('shows tables as rows', () => {
    expect(markdown('| a | b |\n| - | - |\n| 1 | 2 |')).toEqual(['a ¦ b', '1 ¦ 2']);
  });

  it('makes links only of web addresses, and says where they go', () => {
    expect(markdown('[plan](https://docs.acme.dev/p) [x](javascript:alert) ![i](https://t.example/p.png)')).toEqual([
      '<https://docs.acme.dev/p|plan> (docs.acme.dev) [x](javascript:alert) !<https://t.example/p.png|i> (t.example)',
    ]);
  });

  it('shows HTML and Slack’s own markup as text', () => {
    expect(markdown('<b>x</b> <!here> <@U1> :tada: \\*plain\\*')).toEqual([
      '&lt;b&gt;x&lt;/b&gt; &lt;!here&gt; &lt;＠U1&gt; ∶tada: ∗plain∗',
    ]);
  });

  it('writes no mark where Slack would show it as it is', () => {
    expect(markdown('un**frigging**believable')).toEqual(['unfriggingbelievable']);
  });
});
