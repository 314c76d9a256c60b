/**
 * src/adapters/slack/render/metadata.ts: what a modal carries from its opening to its submission: the control that
 * opened it, and the message it came from. Claims, as everything that comes back from a client.
 */
import { z } from 'zod';
import { type Control, readControl, writeControl } from '../control.ts';

/** The message whose button opened the modal: a click counts only for the request whose surface carries it. */
export interface Origin {
  readonly team: string;
  readonly channel: string;
  readonly ts: string;
}

export interface ModalMetadata {
  readonly control: Control;
  /** null: opened from App Home or an answer to a command. */
  readonly origin: Origin | null;
}

const Id = z.string().regex(/^[A-Z0-9]{1,40}$/);
const Written = z.object({
  control: z.string().max(200).transform(readControl),
  origin: z.object({ team: Id, channel: Id, ts: z.string().regex(/^\d{1,15}\.\d{1,9}$/) }).nullable(),
});

/** About 250 characters; Slack takes 3,000. */
export const writeMetadata = ({ control, origin }: ModalMetadata): string =>
  JSON.stringify({ control: writeControl(control), origin });

/** null: it is not one of ours. */
export function readMetadata(text: string): ModalMetadata | null {
  const read = Written.safeParse(jsonOf(text)).data;
  return read === undefined || read.control === null ? null : { control: read.control, origin: read.origin };
}

export const readOrigin = (text: string): Origin | null => readMetadata(text)?.origin ?? null;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
