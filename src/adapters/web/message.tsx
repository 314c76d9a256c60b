/** src/adapters/web/message.tsx: what came of a form, on top of the page that it leads back to. */
import type { VNode } from 'preact';
import { visible } from '../text.ts';

interface MessageProps {
  readonly kind: 'done' | 'refused';
  readonly words: string;
  /** What else is wrong, a line each. */
  readonly lines?: readonly string[];
}

/** Said aloud where it is a refusal, and reached by a link to `#message`. */
export function Message({ kind, words, lines = [] }: MessageProps): VNode {
  return (
    <div class={`message ${kind}`} role={kind === 'refused' ? 'alert' : 'status'} id="message" tabIndex={-1}>
      <p>{visible(words)}</p>
      {lines.length === 0 ? null : (
        <ul>
          {lines.map((line) => (
            <li>{visible(line)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
