/** test/fake/slack/method.ts: what one method of the Web API is, as the server calls it. */
import type { Tier } from './rates.ts';
import type { State } from './state.ts';
import type { Fields } from './wire.ts';
import type { FakeWorkspace } from './world.ts';

export interface MethodCall {
  readonly state: State;
  readonly workspace: FakeWorkspace;
  readonly args: Fields;
}

export interface Method {
  readonly tier: Tier;
  /** Any one of them is enough; none named: every token may. */
  scopes?(call: MethodCall): readonly string[];
  /** The answer without `ok`. Throws SlackError. */
  run(call: MethodCall): Fields;
}
