/** src/client/stream.ts: server-sent events, from bytes to events. https://html.spec.whatwg.org/multipage/server-sent-events.html */
import { jsonFrom } from './answers.ts';
import { UnexpectedAnswerError } from './errors.ts';
import type { TrailEvent } from './types.ts';

/** One event of the trail is at most some hundred kilobytes; more than this is something else. */
const MAX_EVENT_CHARS = 8 * 1024 * 1024;

/** The events of one connection. A last one without its blank line was cut off and is dropped, as the standard says. */
export async function* eventsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<TrailEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let id: string | null = null;
  let type = '';
  let lines: string[] = [];
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    if (rest.length > MAX_EVENT_CHARS) throw new UnexpectedAnswerError('An event of the stream is too long.');
    // A lone CR at the very end may be the first half of CRLF: it stays until more comes.
    const complete = rest.split(/\r\n|\n|\r(?!$)/);
    rest = complete.pop() ?? '';
    for (const line of complete) {
      if (line === '') {
        if (lines.length > 0)
          yield { id, type: type === '' ? 'message' : type, data: jsonFrom(lines.join('\n')) ?? null };
        type = '';
        lines = [];
        continue;
      }
      const colon = line.indexOf(':');
      const field = colon === -1 ? line : line.slice(0, colon);
      const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'data') lines.push(value);
      else if (field === 'event') type = value;
      else if (field === 'id' && !value.includes('\0')) id = value;
    }
  }
}
