/** src/adapters/web/plain-pages.tsx: signing in, and the pages that say why there is nothing to see. */
import type { VNode } from 'preact';
import { visible } from '../text.ts';
import { Page, User } from './layout.tsx';
import type { WebPerson } from './ports.ts';
import type { Session } from './session.ts';

export interface SignInProps {
  /** null: no way to sign in is set up. */
  readonly pick: { readonly people: readonly WebPerson[]; readonly csrf: string } | null;
  /** A path of ours. */
  readonly next: string;
  readonly message: string | null;
}

export function SignInPage({ pick, next, message }: SignInProps): VNode {
  return (
    <Page title="Sign in" session={null}>
      <main id="content" class="narrow" tabIndex={-1}>
        <h1>Sign in</h1>
        {message === null ? null : (
          <div class="message refused" role="alert">
            <p>{message}</p>
          </div>
        )}
        {pick === null ? <NoSignIn /> : <PickPerson {...pick} next={next} />}
      </main>
    </Page>
  );
}

function PickPerson(props: {
  readonly people: readonly WebPerson[];
  readonly csrf: string;
  readonly next: string;
}): VNode {
  return (
    <>
      <p class="callout">
        This is a trial: anybody at this computer may be anybody. Set up sign-in before others use it.
      </p>
      {props.people.length === 0 ? (
        <p class="empty">
          Nobody is in the directory yet. Add people to <code>countersign.yaml</code>.
        </p>
      ) : (
        <form method="post" action="/login">
          <input type="hidden" name="_csrf" value={props.csrf} />
          <input type="hidden" name="next" value={props.next} />
          <fieldset class="pick">
            <legend>Who are you?</legend>
            {props.people.map((person) => (
              <button type="submit" name="person" value={person.id} class="person">
                <span class="initials" aria-hidden="true">
                  {initials(person.name)}
                </span>
                <span>
                  <User name={person.name} />
                  {person.email === null ? null : <span class="muted">{visible(person.email)}</span>}
                </span>
              </button>
            ))}
          </fieldset>
        </form>
      )}
    </>
  );
}

function initials(name: string): string {
  const words = visible(name).split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : '']
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}

function NoSignIn(): VNode {
  return (
    <div class="card">
      <p>Sign-in is not set up on this server yet, so nobody can be let in here.</p>
      <ul class="plain-list">
        <li>
          To sign people in, set <code>OIDC_ISSUER</code>, <code>OIDC_CLIENT_ID</code> and{' '}
          <code>OIDC_CLIENT_SECRET</code> and restart.
        </li>
        <li>
          To try it out on your own computer, set <code>WEB_DEV_LOGIN=1</code> and restart. Then a person can be picked
          without a password.
        </li>
      </ul>
      <p>Requests can be decided meanwhile where the gate asks: in chat, by email or on the command line.</p>
    </div>
  );
}

export interface MessagePageProps {
  readonly title: string;
  readonly words: string;
  readonly session: Session | null;
  /** Names this failure in the log. */
  readonly reference?: string;
}

export function MessagePage({ title, words, session, reference }: MessagePageProps): VNode {
  return (
    <Page title={title} session={session}>
      <main id="content" class="narrow" tabIndex={-1}>
        <h1>{title}</h1>
        <p>{visible(words)}</p>
        {reference === undefined ? null : (
          <p class="muted">
            Reference: <code>{visible(reference)}</code>
          </p>
        )}
        <p>
          <a href="/">Go to the inbox</a>
        </p>
      </main>
    </Page>
  );
}
