/** src/adapters/slack/send/place.ts: where a message goes, out of the config's address or the thread it belongs under. */
import { type MessageRef, type Outgoing, RefusedError } from '../../channel.ts';
import { readAddress } from './address.ts';

export interface Place {
  /** `T…`; null: the home workspace. */
  readonly team: string | null;
  /** `C…` or `D…`, or `U…` for the direct message with somebody. */
  readonly channel: string;
  /** The `ts` of the message that it belongs under; null: it stands alone. */
  readonly thread: string | null;
}

export function placeOf({ to, thread }: Outgoing): Place {
  if (thread === null) {
    const { team, id } = readAddress(to.id);
    return { team, channel: id, thread: null };
  }
  const { team, channel, ts } = readRef(thread);
  return { team, channel, thread: ts };
}

export interface SlackRef {
  readonly team: string;
  /** `C…` or `D…`: chat.update does not take `U…`. */
  readonly channel: string;
  /** Text for ever: as a number it would lose its last digits. */
  readonly ts: string;
}

export function readRef({ team, channel, ts }: MessageRef): SlackRef {
  if (team === undefined || channel === undefined || ts === undefined)
    throw new RefusedError('this is no reference to a Slack message');
  return { team, channel, ts };
}
