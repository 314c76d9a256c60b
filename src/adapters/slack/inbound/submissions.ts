/**
 * src/adapters/slack/inbound/submissions.ts: forms that were filled in. What is refused is said at a field, where there
 * is one, so that nothing typed is lost.
 */
import type { AckFn, Context, ViewResponseAction } from '@slack/bolt';
import type { PersonId } from '../../../engine/definition.ts';
import type { RequestView } from '../../../engine/view.ts';
import type { ActionResult, PersonAction } from '../../action.ts';
import { inTime } from '../../patience.ts';
import {
  type BlockErrors,
  errorsFor,
  loadingModal,
  type ModalMetadata,
  messageModal,
  readMetadata,
  readSubmission,
  type SubmittedAction,
} from '../render/index.ts';
import { answerOf, lookAt, type RequestControl } from './act.ts';
import { plain } from './bolt-log.ts';
import { type Caller, claimsOfSubmission } from './caller.ts';
import { forTeamsOf } from './inbox.ts';
import type { Parts } from './parts.ts';
import { Submission } from './payloads.ts';
import { FAILED, NOT_IN_DIRECTORY, RECORDED } from './words.ts';

interface Call {
  readonly ack: AckFn<ViewResponseAction>;
  readonly body: unknown;
  readonly context: Context;
}

type Person = Extract<Caller, { kind: 'person' }>;

type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'errors'; readonly errors: BlockErrors }
  | { readonly kind: 'words'; readonly words: string };

const TITLE = 'Countersign';

export function onSubmission(parts: Parts): (call: Call) => Promise<void> {
  const { identify, answers, home, patience, log } = parts;

  return async ({ ack, body, context }) => {
    const submission = Submission.parse(body);
    const { view } = submission;
    const metadata = readMetadata(view.private_metadata);
    if (metadata === null || metadata.control.kind === 'page') return ack();
    const { control, origin } = metadata;
    const caller = identify(claimsOfSubmission(submission), forTeamsOf(context));
    if (caller.kind === 'stranger') return ack({ response_action: 'update', view: messageModal(TITLE, caller.words) });
    const work = submit(parts, { control, origin }, view.state.values, caller);
    const outcome = await inTime(work, patience.click);
    if (outcome !== 'late') {
      await ack(responseTo(outcome, view.blocks));
      if (outcome.kind === 'done' && origin === null) await home.publish(caller);
      return;
    }
    log.warn({ user: caller.user.id, control: control.kind }, 'a form took longer than Slack waits');
    await ack({ response_action: 'update', view: loadingModal() });
    const words = await work.then(wordsOf, (error) => {
      log.error({ error: plain(error) }, 'a form failed after its time');
      return FAILED;
    });
    await answers.redraw(caller.team, view.id, messageModal(TITLE, words));
    if (origin === null) await home.publish(caller);
  };
}

/** Looks everything up again: what the modal carries is what somebody was shown, not what they may do. */
async function submit(
  parts: Parts,
  { control, origin }: ModalMetadata & { readonly control: RequestControl },
  values: unknown,
  caller: Person,
): Promise<Outcome> {
  const { ports } = parts;
  const { person } = caller;
  const view = await lookAt(parts, control.request, { person, origin });
  if (typeof view === 'string') return { kind: 'words', words: view };
  const read = readSubmission(values, control, { view, now: ports.now() });
  if (read.kind === 'invalid') return { kind: 'errors', errors: read.errors };
  const action = actionOf(parts, read.action, caller);
  if (action === null) return { kind: 'errors', errors: { to: NOT_IN_DIRECTORY } };
  return outcomeOf(await ports.act(control.request, action), control, view);
}

function outcomeOf(result: ActionResult, control: RequestControl, view: RequestView): Outcome {
  const errors = result.kind === 'refused' ? errorsFor(result.errors, control, view) : null;
  return errors === null ? answerOf(result, control.request) : { kind: 'errors', errors };
}

/** null: the Slack user chosen is nobody in the directory. */
function actionOf({ ports, workspaces }: Parts, said: SubmittedAction, { person, team }: Person): PersonAction | null {
  if (said.kind !== 'delegate') return { ...said, person };
  const { kind, toUser, reason } = said;
  const to: PersonId | null = ports.personOf({ scope: team, id: toUser }, team === workspaces.homeTeam());
  return to === null ? null : { kind, person, to, reason };
}

/** Slack takes errors at the inputs of the modal as it was sent, and nowhere else. */
function responseTo(outcome: Outcome, blocks: Submission['view']['blocks']): ViewResponseAction {
  if (outcome.kind === 'done') return { response_action: 'clear' };
  const inputs = blocks.flatMap(({ type, block_id: id }) => (type === 'input' && id !== undefined ? [id] : []));
  const placed =
    outcome.kind === 'errors' ? Object.entries(outcome.errors).filter(([block]) => inputs.includes(block)) : [];
  if (placed.length > 0) return { response_action: 'errors', errors: Object.fromEntries(placed) };
  const [first] = inputs;
  return first === undefined
    ? { response_action: 'update', view: messageModal(TITLE, wordsOf(outcome)) }
    : { response_action: 'errors', errors: { [first]: wordsOf(outcome) } };
}

function wordsOf(outcome: Outcome): string {
  if (outcome.kind === 'done') return RECORDED;
  return outcome.kind === 'words' ? outcome.words : Object.values(outcome.errors).join(' ');
}
