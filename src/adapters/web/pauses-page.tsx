/** src/adapters/web/pauses-page.tsx: what is paused, the forms to pause more and to let it go on, and what was paused lately. */
import type { VNode } from 'preact';
import { visible } from '../text.ts';
import { Page, Time, User } from './layout.tsx';
import { Message } from './message.tsx';
import { PauseSentence } from './pause-banner.tsx';
import type { PauseScopeName, PausesView, PauseView } from './pauses.ts';
import type { Session } from './session.ts';

/** What was typed into the form that could not be carried out. */
export interface TypedPause {
  readonly what: string | null;
  readonly reason: string | null;
  readonly clocks: string | null;
}

export interface PausesPageProps {
  readonly session: Session;
  readonly view: PausesView;
  readonly message: { readonly kind: 'done' | 'refused'; readonly words: string } | null;
  readonly typed: TypedPause | null;
}

const CLOCKS = {
  stop: 'Deadlines and target times stand still, and move by as long as the pause was',
  run: 'Deadlines and target times run on: requests may expire meanwhile',
} as const;

/** How a scope is written in the form: `everything`, `gate:deploy`, `pipeline:ci`. */
function choiceOf(scope: PauseScopeName): string {
  if (scope.kind === 'everything') return 'everything';
  return scope.kind === 'gate' ? `gate:${scope.gate}` : `pipeline:${scope.pipeline}`;
}

export function PausesPage({ session, view, message, typed }: PausesPageProps): VNode {
  return (
    <Page title="Pauses" session={session} here="pauses">
      <main id="content" class="pauses" tabIndex={-1}>
        <h1>Pauses</h1>
        {message === null ? null : <Message {...message} />}
        <section aria-labelledby="in-force">
          <h2 id="in-force">Paused now</h2>
          {view.inForce.length === 0 ? (
            <p class="empty">Nothing is paused but what single requests say themselves.</p>
          ) : (
            <ul class="requests">
              {view.inForce.map((pause) => (
                <InForce pause={pause} session={session} />
              ))}
            </ul>
          )}
        </section>
        {view.mayPause.length === 0 ? null : <PauseForm session={session} view={view} typed={typed} />}
        {view.ended.length === 0 ? null : (
          <section aria-labelledby="ended">
            <h2 id="ended">Lately</h2>
            <ul class="said-list">
              {view.ended.map((pause) => (
                <Ended pause={pause} />
              ))}
            </ul>
          </section>
        )}
      </main>
    </Page>
  );
}

function InForce({ pause, session }: { readonly pause: PauseView; readonly session: Session }): VNode {
  return (
    <li class="card">
      <p>
        <PauseSentence pause={pause} />
      </p>
      <p class="muted">
        {CLOCKS[pause.clocks]}.
        {pause.left === null || pause.left === 0 ? '' : ` ${pause.left} requests do not show it yet.`}
      </p>
      {pause.mayResume ? (
        <details>
          <summary>Let it go on</summary>
          <form class="stack panel" method="post" action={`/pauses/${pause.id}/resume`}>
            <input type="hidden" name="_csrf" value={session.csrf} />
            <div class="field">
              <label for={`reason-${pause.id}`}>
                Reason <span class="optional">(optional)</span>
              </label>
              <input id={`reason-${pause.id}`} name="reason" maxLength={3000} autocomplete="off" />
            </div>
            <button type="submit" class="primary" aria-label={`Let it go on: ${visible(pause.what)}`}>
              Let it go on
            </button>
          </form>
        </details>
      ) : null}
    </li>
  );
}

function PauseForm({
  session,
  view,
  typed,
}: {
  readonly session: Session;
  readonly view: PausesView;
  readonly typed: TypedPause | null;
}): VNode {
  const chosen = typed?.clocks ?? view.clocks;
  const groups = [
    ['Gates', view.mayPause.flatMap((scope) => (scope.kind === 'gate' ? [{ scope, words: scope.gate }] : []))],
    [
      'Pipelines',
      view.mayPause.flatMap((scope) => (scope.kind === 'pipeline' ? [{ scope, words: scope.pipeline }] : [])),
    ],
  ] as const;
  return (
    <section class="card" aria-labelledby="pause-title">
      <h2 id="pause-title">Pause something</h2>
      <p class="muted">
        Nobody decides there and nobody is reminded until it goes on. What is opened meanwhile opens paused.
      </p>
      <form class="stack" method="post" action="/pauses">
        <input type="hidden" name="_csrf" value={session.csrf} />
        <div class="field">
          <label for="what">What</label>
          <select id="what" name="what" required>
            <option value="">Choose…</option>
            {view.mayPause.some(({ kind }) => kind === 'everything') ? (
              <option value="everything" selected={typed?.what === 'everything'}>
                Everything
              </option>
            ) : null}
            {groups.map(([label, choices]) =>
              choices.length === 0 ? null : (
                <optgroup label={label}>
                  {choices.map(({ scope, words }) => (
                    <option value={choiceOf(scope)} selected={typed?.what === choiceOf(scope)}>
                      {visible(words)}
                    </option>
                  ))}
                </optgroup>
              ),
            )}
          </select>
        </div>
        <div class="field">
          <label for="reason">
            Reason <span class="optional">(everybody concerned sees it; needed for everything)</span>
          </label>
          <textarea id="reason" name="reason" rows={2} maxLength={3000}>
            {typed?.reason ?? ''}
          </textarea>
        </div>
        <fieldset class="field">
          <legend>Meanwhile</legend>
          {(['stop', 'run'] as const).map((clocks) => (
            <label class="check">
              <input type="radio" name="clocks" value={clocks} checked={chosen === clocks} />
              <span>{CLOCKS[clocks]}</span>
            </label>
          ))}
        </fieldset>
        <button type="submit" class="danger">
          Pause
        </button>
      </form>
    </section>
  );
}

function Ended({ pause }: { readonly pause: PauseView }): VNode {
  return (
    <li>
      <p>
        {visible(pause.what)}: paused by <User name={pause.by} />, <Time at={pause.at} />
        {pause.reason === null ? '' : `: ${visible(pause.reason)}`}
      </p>
      {pause.ended === null ? null : (
        <p class="muted">
          Went on by <User name={pause.ended.by} />, <Time at={pause.ended.at} />
          {pause.ended.reason === null ? '' : `: ${visible(pause.ended.reason)}`}
        </p>
      )}
    </li>
  );
}
