/** src/adapters/web/away-page.tsx: how the signed-in person stands, the form to say that they will be away, and the way back. */
import type { VNode } from 'preact';
import { visible } from '../text.ts';
import type { AwayView } from './away.ts';
import { ActionForm } from './fields.tsx';
import { Page } from './layout.tsx';
import { Message } from './message.tsx';
import type { WebPerson } from './ports.ts';
import type { Session } from './session.ts';

/** What was typed into the form that could not be carried out. */
export interface TypedAway {
  readonly from: string | null;
  readonly until: string | null;
  readonly to: string | null;
}

export interface AwayPageProps {
  readonly session: Session;
  readonly view: AwayView;
  readonly people: readonly WebPerson[];
  readonly message: { readonly kind: 'done' | 'refused'; readonly words: string } | null;
  readonly typed: TypedAway | null;
}

export function AwayPage({ session, view, people, message, typed }: AwayPageProps): VNode {
  return (
    <Page title="Away" session={session} here="away">
      <main id="content" class="narrow inbox" tabIndex={-1}>
        <h1>Away</h1>
        {message === null ? null : <Message {...message} />}
        <section class="card" aria-labelledby="now-title">
          <h2 id="now-title">How you stand</h2>
          <dl class="facts">
            {view.facts.map(({ label, value }) => (
              <div>
                <dt>{visible(label)}</dt>
                <dd>{visible(value)}</dd>
              </div>
            ))}
          </dl>
          {view.ending === null ? null : (
            <ActionForm id="back" action="/away/back" session={session}>
              <button type="submit" class="primary">
                {view.ending === 'back' ? 'I am back' : 'Take the next absence back'}
              </button>
            </ActionForm>
          )}
        </section>
        <section class="card" aria-labelledby="away-title">
          <h2 id="away-title">I will be away</h2>
          <p class="muted" id="away-help">
            Whoever stands in for you is asked in your place and votes as themselves. You are kept informed. Days begin
            and end in {visible(view.timezone)}.
          </p>
          <ActionForm id="away" action="/away" session={session}>
            <div class="field">
              <label for="from">
                First day away <span class="optional">(empty: from now on)</span>
              </label>
              <input id="from" name="from" type="date" min={view.today} value={typed?.from ?? ''} />
            </div>
            <div class="field">
              <label for="until">Last day away</label>
              <input
                id="until"
                name="until"
                type="date"
                min={view.today}
                value={typed?.until ?? ''}
                required
                aria-describedby="away-help"
              />
            </div>
            <div class="field">
              <label for="to">
                Who stands in <span class="optional">(optional)</span>
              </label>
              <select id="to" name="to">
                <option value="">Nobody in particular</option>
                {people
                  .filter(({ id }) => id !== session.person.id)
                  .map(({ id, name }) => (
                    <option value={id} selected={typed?.to === id}>
                      {visible(name)}
                    </option>
                  ))}
              </select>
            </div>
            <button type="submit" class="primary">
              Set me away
            </button>
          </ActionForm>
        </section>
      </main>
    </Page>
  );
}
