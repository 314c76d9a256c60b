/** src/adapters/web/decision.tsx: the decision area: what the eye finds first, and what stays in reach on a phone. */
import type { VNode } from 'preact';
import type { ActionView, RequestView } from '../../engine/view.ts';
import { visible } from '../text.ts';
import { viaWords } from '../words.ts';
import { ActionForm, type FormContext, formId, GateField, TextArea } from './fields.tsx';
import { type Typed, votesOf } from './forms.ts';
import { Time, User } from './layout.tsx';
import type { Session } from './session.ts';

export interface DecisionProps {
  readonly view: RequestView;
  readonly session: Session;
  readonly typed: Typed | null;
}

type VoteAction = Extract<ActionView, { kind: 'vote' | 'changeVote' }>;

/** One click decides: no answer is needed and nothing is to be confirmed. */
const isOneClick = (action: VoteAction): boolean =>
  action.form.reason === 'optional' && action.form.fields.length === 0 && action.confirm === null;

export function Decision({ view, session, typed }: DecisionProps): VNode {
  const votes = votesOf(view);
  return (
    <section class={`card decide${votes.length > 0 ? ' can-vote' : ''}`} id="decision" aria-labelledby="decision-title">
      <h2 id="decision-title">
        {votes.length === 0 ? 'The decision' : view.myVote === null ? 'Your decision' : 'Your vote'}
      </h2>
      {view.paused === null ? null : (
        <p class="callout">
          {visible(view.paused.sentence)}{' '}
          <span class="muted">
            (<Time at={view.paused.at} />)
          </span>
        </p>
      )}
      {view.held === null ? null : (
        <p class="callout">
          {visible(view.held.sentence)}{' '}
          <span class="when">
            (<Time at={view.held.until} />)
          </span>
        </p>
      )}
      {view.asked === undefined ? null : (
        <p class="notice">
          {visible(view.asked.sentence)}
          {view.asked.until === null ? null : (
            <>
              {' until '}
              <Time at={view.asked.until} />
            </>
          )}
        </p>
      )}
      <MyVote view={view} />
      {view.notice === null ? null : <p class="notice">{visible(view.notice)}</p>}
      {view.mustReview ? (
        <p class="callout">
          This gate asks for a fresh sign-in. <a href={`/login?next=/requests/${view.id}`}>Sign in again</a> if you are
          asked to.
        </p>
      ) : null}
      {votes.length === 0 ? null : <Votes view={view} session={session} typed={typed} votes={votes} />}
      <Withdraw view={view} session={session} />
      <p class="progress-line">{visible(view.progress)}</p>
      {view.silence === null ? null : (
        <p class="silence">
          {visible(view.silence.sentence)}
          {view.silence.at === null ? null : (
            <>
              {' '}
              <strong class="when">
                <Time at={view.silence.at} />
              </strong>
            </>
          )}
        </p>
      )}
    </section>
  );
}

function MyVote({ view }: { readonly view: RequestView }): VNode | null {
  const vote = view.myVote;
  if (vote === null) return null;
  return (
    <p class={`my-vote ${vote.outcome}`}>
      You chose <strong>{visible(vote.optionLabel)}</strong> {viaWords[vote.via]}, <Time at={vote.at} />.
      {vote.onBehalfOf === null ? null : (
        <>
          {' '}
          On behalf of <User name={vote.onBehalfOf.name} />.
        </>
      )}
      {vote.counts ? null : ' It does not count any more.'}
    </p>
  );
}

function Votes(props: DecisionProps & { readonly votes: readonly VoteAction[] }): VNode {
  const { view, session, votes, typed } = props;
  const oneClick = votes.filter(isOneClick);
  const isTyped = (action: VoteAction): boolean => typed?.action === 'vote' && typed.form === action.option;
  const shared: FormContext = { id: 'vote', typed: oneClick.some(isTyped) ? typed : null };
  const path = `/requests/${view.id}/vote`;
  const isChange = view.myVote !== null;
  const controls = (
    <div class="votes">
      {oneClick.length === 0 ? null : (
        <ActionForm id={shared.id} action={path} session={session} class="one-click">
          <Seen action={oneClick[0]} version={view.version} />
          <div class="buttons">
            {oneClick.map((action) => (
              <button type="submit" name="option" value={action.option} class={lookOf(action, votes)}>
                {visible(action.label)}
              </button>
            ))}
          </div>
          <details class="add-reason" id="add-reason" open={shared.typed?.values.has('reason') ?? false}>
            <summary>
              {oneClick.length === 1 && oneClick[0] !== undefined
                ? `Add a reason to “${visible(oneClick[0].label)}”`
                : 'Add a reason'}
            </summary>
            <TextArea form={shared} name="reason" label="Reason" required={false} />
          </details>
        </ActionForm>
      )}
      {votes
        .filter((action) => !isOneClick(action))
        .map((action) => (
          <VoteWithForm
            votes={votes}
            action={action}
            version={view.version}
            path={path}
            session={session}
            typed={isTyped(action) ? typed : null}
          />
        ))}
    </div>
  );
  if (!isChange) return controls;
  return (
    <details class="change" id="change" open={typed?.action === 'vote'}>
      <summary class="button">Change my vote</summary>
      {controls}
    </details>
  );
}

/** An option with questions to answer: its button opens them, and another one sends. */
function VoteWithForm(props: {
  readonly action: VoteAction;
  readonly version: number;
  readonly votes: readonly VoteAction[];
  readonly path: string;
  readonly session: Session;
  readonly typed: Typed | null;
}): VNode {
  const { action, votes, typed } = props;
  const form: FormContext = { id: formId('vote', action.option), typed };
  return (
    <details class="option" id={formId('option', action.option)} name="option" open={typed !== null}>
      <summary class={`button ${lookOf(action, votes)}`}>{visible(action.label)}…</summary>
      <ActionForm id={form.id} action={props.path} session={props.session} class="stack panel">
        <input type="hidden" name="option" value={action.option} />
        <Seen action={action} version={props.version} />
        {action.confirm === null ? null : <p class="confirm">{visible(action.confirm)}</p>}
        {action.form.fields.map((field) => (
          <GateField field={field} form={form} />
        ))}
        <TextArea form={form} name="reason" label="Reason" required={action.form.reason === 'required'} />
        <button type="submit" class={lookOf(action, votes)}>
          {visible(action.label)}
        </button>
      </ActionForm>
    </details>
  );
}

/** What the page showed, so that an old page can't undo a newer vote or vote in a stage it never showed. */
function Seen({ action, version }: { readonly action: VoteAction | undefined; readonly version: number }): VNode {
  const replaces = action?.replaces ?? null;
  return (
    <>
      <input type="hidden" name="shown" value={String(version)} />
      {replaces === null ? null : <input type="hidden" name="replaces" value={String(replaces)} />}
    </>
  );
}

function Withdraw({ view, session }: { readonly view: RequestView; readonly session: Session }): VNode | null {
  const action = view.actions.find((candidate) => candidate.kind === 'withdrawVote');
  if (action?.kind !== 'withdrawVote') return null;
  return (
    <ActionForm id="withdraw" action={`/requests/${view.id}/withdrawVote`} session={session} class="withdraw">
      <input type="hidden" name="replaces" value={String(action.replaces)} />
      <button type="submit" class="quiet">
        {visible(action.label)}
      </button>
    </ActionForm>
  );
}

/** The main choice is filled, other approvals outlined in green, dangerous ones in red; the words say it without colour. */
function lookOf(action: VoteAction, votes: readonly VoteAction[]): string {
  if (action.style === 'danger' || (action.style === null && action.outcome === 'rejected')) return 'danger';
  if (action.style === 'primary') return 'primary';
  return votes.some(({ style }) => style === 'primary') ? 'accent' : 'primary';
}
