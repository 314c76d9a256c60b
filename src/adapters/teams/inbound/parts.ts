/** src/adapters/teams/inbound/parts.ts: what the handlers of activities have in common. */
import type { ChatPorts } from '../../chat.ts';
import type { TeamsLog } from '../options.ts';
import type { Identify } from './caller.ts';
import type { Once } from './once.ts';
import type { Voice } from './voice.ts';

export interface Parts {
  readonly ports: ChatPorts;
  readonly identify: Identify;
  readonly voice: Voice;
  readonly once: Once;
  readonly log: TeamsLog;
  /** How long a click goes unanswered, in milliseconds. */
  readonly patienceMs: number;
  /** Of what is done after Teams was answered: a stop waits for it. */
  readonly afterwards: (work: Promise<void>) => void;
}

/** Where a proven activity stands. */
export interface At {
  readonly tenant: string;
  /** How long its token could bring it again, in milliseconds. */
  readonly replayableMs: number;
}
