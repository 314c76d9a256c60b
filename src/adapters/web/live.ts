/**
 * src/adapters/web/live.ts: tells open pages that a request has changed, by server-sent events. A page is told the new
 * version only, and fetches itself again: what it may see is decided there, in one place.
 */
import type { ServerResponse } from 'node:http';
import type { RequestId } from '../../engine/request.ts';
import type { RequestView } from '../../engine/view.ts';
import type { WebLimits, WebPorts } from './ports.ts';

interface Stream {
  readonly request: RequestId;
  readonly sessionId: string;
  /** What the person may see now; null once the session is over or the request may not be seen: the stream ends. */
  look(): Promise<RequestView | null>;
}

export interface LiveStreams {
  hasRoom(sessionId: string): boolean;
  /** Takes over the response. The first event carries the version as it is, so that nothing between page and stream is lost. */
  open(stream: Stream, response: ServerResponse, headers: Readonly<Record<string, string>>): void;
  /** Ends every stream, and takes no more. */
  close(): void;
}

export function liveStreams(ports: Pick<WebPorts, 'subscribe'>, limits: WebLimits): LiveStreams {
  const open = new Map<() => void, string>();
  let isClosed = false;

  return {
    hasRoom(sessionId) {
      if (isClosed || open.size >= limits.streams) return false;
      let ofSession = 0;
      for (const id of open.values()) if (id === sessionId) ofSession += 1;
      return ofSession < limits.streamsPerSession;
    },

    open(stream, response, headers) {
      let shown = -1;
      let isLooking = false;
      let isStale = false;

      const write = (text: string): void => {
        // A reader that does not read costs memory: it may come back when it does.
        if (response.writableLength > limits.streamBacklog) end();
        else response.write(text);
      };

      // Commits that come while one look is under way are seen by the one look after it.
      const tell = async (): Promise<void> => {
        isStale = true;
        if (isLooking) return;
        isLooking = true;
        try {
          while (isStale && !response.writableEnded) {
            isStale = false;
            const view = await stream.look();
            if (view === null) return end();
            if (view.version === shown || response.writableEnded) continue;
            shown = view.version;
            write(`event: version\nid: ${view.version}\ndata: ${JSON.stringify({ version: view.version })}\n\n`);
          }
        } catch {
          end(); // the browser asks again by itself, and the page's own route says what is wrong
        } finally {
          isLooking = false;
        }
      };

      const end = (): void => {
        clearInterval(beat);
        unsubscribe();
        open.delete(end);
        if (!response.writableEnded) response.end();
      };

      const beat = setInterval(() => write(': still here\n\n'), limits.keepAliveMs);
      beat.unref();
      const unsubscribe = ports.subscribe(stream.request, () => void tell());
      open.set(end, stream.sessionId);
      response.on('close', end);
      response.on('error', end);
      response.writeHead(200, {
        ...headers,
        'content-type': 'text/event-stream; charset=utf-8',
        'x-accel-buffering': 'no',
      });
      write('retry: 3000\n\n');
      void tell();
    },

    close() {
      isClosed = true;
      for (const end of [...open.keys()]) end();
    },
  };
}
