/** src/adapters/slack/inbound/parts.ts: what the handlers of calls have in common. */
import type { ChatPorts } from '../../chat.ts';
import type { SlackLog } from '../options.ts';
import type { UsergroupSource } from '../send/usergroups.ts';
import type { Workspaces } from '../send/workspaces.ts';
import type { Answers } from './answers.ts';
import type { Identify } from './caller.ts';
import type { Home } from './home.ts';

export interface Parts {
  readonly ports: ChatPorts;
  readonly workspaces: Workspaces;
  readonly usergroups: UsergroupSource;
  readonly identify: Identify;
  readonly answers: Answers;
  readonly home: Home;
  readonly log: SlackLog;
  /** How long a click or a submission may go unacknowledged, in milliseconds; and a command. */
  readonly patience: { readonly click: number; readonly command: number };
}
