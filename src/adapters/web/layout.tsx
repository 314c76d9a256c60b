/** src/adapters/web/layout.tsx: the frame of every page, and the small parts that all pages share. */
import type { ComponentChildren, VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { Instant } from '../../engine/definition.ts';
import type { RequestView } from '../../engine/view.ts';
import { visible } from '../text.ts';
import { assets } from './assets.ts';
import type { Session } from './session.ts';
import type { SlaState } from './words.ts';
import { lookOf, slaWords, statusWords } from './words.ts';

export interface PageProps {
  readonly title: string;
  readonly session: Session | null;
  /** The second skip link, where the page has something to decide. */
  readonly decision?: boolean;
  /** Which of the pages in the navigation this is, if any. */
  readonly here?: 'inbox' | 'gates' | 'figures' | 'pauses' | 'away';
  readonly children: ComponentChildren;
}

/** A whole document as HTML text. */
export const documentOf = (page: VNode): string => `<!doctype html>${renderToString(page)}`;

export function Page({ title, session, decision = false, here, children }: PageProps): VNode {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f5f6f8" />
        <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0e1116" />
        <meta name="robots" content="noindex, nofollow" />
        <title>{`${visible(title)} · Countersign`}</title>
        <link rel="icon" type="image/svg+xml" href={assets.icon.path} />
        <link rel="stylesheet" href={assets.style.path} />
        <script type="module" src={assets.script.path} />
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to the content
        </a>
        {decision ? (
          <a class="skip" href="#decision">
            Skip to the decision
          </a>
        ) : null}
        <header class="top">
          <a class="brand" href="/">
            <Seal />
            Countersign
          </a>
          {session === null ? null : <Navigation here={here} />}
          {session === null ? null : <SignedIn session={session} />}
        </header>
        {children}
        <p id="live" class="unseen" role="status" />
      </body>
    </html>
  );
}

function Navigation({ here }: { readonly here: PageProps['here'] | undefined }): VNode {
  return (
    <nav class="nav" aria-label="Pages of this site">
      <a href="/" aria-current={here === 'inbox' ? 'page' : undefined}>
        Inbox
      </a>
      <a href="/gates" aria-current={here === 'gates' ? 'page' : undefined}>
        Gates
      </a>
      <a href="/stats" aria-current={here === 'figures' ? 'page' : undefined}>
        Figures
      </a>
      <a href="/pauses" aria-current={here === 'pauses' ? 'page' : undefined}>
        Pauses
      </a>
      <a href="/away" aria-current={here === 'away' ? 'page' : undefined}>
        Away
      </a>
    </nav>
  );
}

function SignedIn({ session }: { readonly session: Session }): VNode {
  return (
    <form class="who" method="post" action="/logout">
      <input type="hidden" name="_csrf" value={session.csrf} />
      <span class="who-name">
        <span class="unseen">Signed in as </span>
        <User name={session.person.name} />
      </span>
      <button class="quiet" type="submit">
        Sign out
      </button>
    </form>
  );
}

/** A short text from outside, in its own direction and with nothing hidden in it. */
export const User = ({ name }: { readonly name: string }): VNode => <bdi>{visible(name)}</bdi>;

/** Names in a row: "Ana Silva, Ben Okoye and Mia Chen". */
export function Names({
  people,
}: {
  readonly people: readonly { readonly name: string; readonly standsFor?: string }[];
}): VNode {
  return (
    <>
      {people.map((person, index) => (
        <>
          {index === 0 ? '' : index === people.length - 1 ? ' and ' : ', '}
          <User name={person.name} />
          {person.standsFor === undefined ? null : (
            <>
              {' (for '}
              <User name={person.standsFor} />)
            </>
          )}
        </>
      ))}
    </>
  );
}

const clock = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

/** A moment in UTC; where there is JavaScript it becomes "in 3 hours" in the reader's own zone. */
export function Time({ at }: { readonly at: Instant }): VNode {
  const moment = new Date(at);
  return <time datetime={moment.toISOString()}>{clock.format(moment)} UTC</time>;
}

export function StatusBadge({ view }: { readonly view: RequestView }): VNode {
  const look = lookOf(view);
  return <span class={`badge ${look}`}>{statusWords[look]}</span>;
}

export const SlaBadge = ({ sla }: { readonly sla: SlaState }): VNode => (
  <span class={`badge sla-${sla}`}>{slaWords[sla]}</span>
);

/** The mark: a seal with two strokes, the second one the countersign. */
function Seal(): VNode {
  return (
    <svg class="seal" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <circle cx="16" cy="16" r="15" />
      <path d="M8 16.5l4.2 4.3 7.3-9" />
      <path d="M14.6 20.6l.9.9 8.5-10.3" />
    </svg>
  );
}
