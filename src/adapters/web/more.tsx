/** src/adapters/web/more.tsx: what was said about a request, and everything one can do besides deciding. */
import type { VNode } from 'preact';
import type { RequestView } from '../../engine/view.ts';
import { visible } from '../text.ts';
import { ActionForm, type FormContext, Select, TextArea } from './fields.tsx';
import { SNOOZES, type Typed } from './forms.ts';
import { Time, User } from './layout.tsx';
import type { WebAction, WebPerson } from './ports.ts';
import type { Session } from './session.ts';

interface Props {
  readonly view: RequestView;
  readonly session: Session;
  readonly typed: Typed | null;
}

const contextOf = (kind: WebAction['kind'], typed: Typed | null): FormContext => ({
  id: kind,
  typed: typed?.action === kind ? typed : null,
});

export function Discussion({ view, session, typed }: Props): VNode | null {
  const comment = view.actions.find(({ kind }) => kind === 'comment');
  const answer = view.actions.find(({ kind }) => kind === 'returnInformation');
  if (view.comments.length === 0 && view.information.length === 0 && comment === undefined && answer === undefined)
    return null;
  return (
    <section class="card" aria-labelledby="discussion-title">
      <h2 id="discussion-title">Discussion</h2>
      {view.information.length === 0 ? null : (
        <ul class="said-list" aria-label="Questions">
          {view.information.map((asked) => (
            <li class={asked.answer === null ? 'question waiting' : 'question'}>
              <p class="said-by">
                <strong>
                  <User name={asked.by.name} />
                </strong>{' '}
                asks, <Time at={asked.at} />
              </p>
              <p class="said" dir="auto">
                {visible(asked.question)}
              </p>
              {asked.answer === null ? (
                <p class="muted">Not answered yet.</p>
              ) : (
                <div class="answer">
                  <p class="said-by">
                    <strong>
                      <User name={asked.answer.by} />
                    </strong>{' '}
                    answers, <Time at={asked.answer.at} />
                  </p>
                  <p class="said" dir="auto">
                    {visible(asked.answer.text)}
                  </p>
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
      {answer === undefined ? null : (
        <ActionForm id="returnInformation" action={`/requests/${view.id}/returnInformation`} session={session}>
          <TextArea form={contextOf('returnInformation', typed)} name="answer" label="Your answer" required />
          <button type="submit" class="plain">
            {visible(answer.label)}
          </button>
        </ActionForm>
      )}
      {view.comments.length === 0 ? null : (
        <ul class="said-list" aria-label="Comments">
          {view.comments.map((said) => (
            <li>
              <p class="said-by">
                <strong>
                  <User name={said.by} />
                </strong>
                , <Time at={said.at} />
              </p>
              <p class="said" dir="auto">
                {visible(said.text)}
              </p>
            </li>
          ))}
        </ul>
      )}
      {comment === undefined ? null : (
        <ActionForm id="comment" action={`/requests/${view.id}/comment`} session={session}>
          <TextArea form={contextOf('comment', typed)} name="text" label="Your comment" required />
          <button type="submit" class="plain">
            {visible(comment.label)}
          </button>
        </ActionForm>
      )}
    </section>
  );
}

type Step = Extract<
  WebAction['kind'],
  'requestInformation' | 'delegate' | 'snooze' | 'nudge' | 'cancel' | 'bypass' | 'reviewBypass'
>;
const STEPS: readonly Step[] = [
  'reviewBypass',
  'requestInformation',
  'delegate',
  'snooze',
  'nudge',
  'cancel',
  'bypass',
];

export function Actions({
  view,
  session,
  people,
  typed,
}: Props & { readonly people: readonly WebPerson[] }): VNode | null {
  const offered = STEPS.flatMap((kind) => view.actions.find((action) => action.kind === kind) ?? []);
  if (offered.length === 0) return null;
  return (
    <section class="card" aria-labelledby="more-title">
      <h2 id="more-title">What else you can do</h2>
      <div class="more">
        {offered.map((action) => {
          const kind = STEPS.find((step) => step === action.kind);
          if (kind === undefined) return null;
          const isDanger = kind === 'bypass' || kind === 'cancel';
          const form = contextOf(kind, typed);
          return (
            <details id={`more-${kind}`} open={form.typed !== null}>
              <summary>{visible(action.label)}</summary>
              <ActionForm id={kind} action={`/requests/${view.id}/${kind}`} session={session} class="stack panel">
                {action.kind === 'bypass' ? <p class="confirm">{visible(action.confirm)}</p> : null}
                <StepFields kind={kind} form={form} people={people} session={session} />
                <button type="submit" class={isDanger ? 'danger' : 'plain'}>
                  {visible(action.label)}
                </button>
              </ActionForm>
            </details>
          );
        })}
      </div>
    </section>
  );
}

function StepFields(props: {
  readonly kind: Step;
  readonly form: FormContext;
  readonly people: readonly WebPerson[];
  readonly session: Session;
}): VNode {
  const { kind, form } = props;
  switch (kind) {
    case 'requestInformation':
      return <TextArea form={form} name="question" label="What do you need to know?" required />;
    case 'delegate':
      return (
        <>
          <Select
            form={form}
            name="to"
            label="Who decides in your place?"
            empty="Choose a person…"
            choices={props.people
              .filter(({ id }) => id !== props.session.person.id)
              .map(({ id, name }) => ({ id, words: name }))}
          />
          <TextArea form={form} name="reason" label="Reason" required={false} />
        </>
      );
    case 'snooze':
      return <Select form={form} name="for" label="No reminders for" empty={null} choices={SNOOZES} />;
    case 'nudge':
      return <p>Everybody whose decision is missing gets a message from you.</p>;
    case 'cancel':
      return <TextArea form={form} name="reason" label="Reason" required={false} />;
    case 'bypass':
      return (
        <TextArea form={form} name="reason" label="Reason" required hint="It is announced to everybody concerned" />
      );
    case 'reviewBypass':
      return <TextArea form={form} name="note" label="What you found" required={false} />;
  }
}
