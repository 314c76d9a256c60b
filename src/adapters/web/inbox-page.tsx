/** src/adapters/web/inbox-page.tsx: the list of what is pending: for you, by you, and what was decided lately. */
import type { VNode } from 'preact';
import type { RequestView } from '../../engine/view.ts';
import { visible } from '../text.ts';
import { Page, SlaBadge, StatusBadge, Time, User } from './layout.tsx';
import { PauseBanner } from './pause-banner.tsx';
import type { PauseView } from './pauses.ts';
import type { InboxPage as InboxLists } from './ports.ts';
import type { Session } from './session.ts';

export interface InboxProps {
  readonly session: Session;
  readonly lists: InboxLists;
  /** Of everything. */
  readonly paused: readonly PauseView[];
  readonly search: string;
  /** Whether this is a further page of the list. */
  readonly isFurther: boolean;
}

export function InboxPage({ session, lists, paused, search, isFurther }: InboxProps): VNode {
  const waiting = lists.waiting.length;
  const isEmpty = waiting + lists.asked.length + lists.recent.length === 0;
  return (
    <Page title={waiting === 0 ? 'Inbox' : `Inbox (${waiting})`} session={session} here="inbox">
      <main id="content" class="inbox" tabIndex={-1}>
        <h1>Inbox</h1>
        <PauseBanner pauses={paused} />
        <search>
          <form class="search" method="get" action="/">
            <label class="unseen" for="q">
              Search requests
            </label>
            <input id="q" name="q" type="search" value={search} maxLength={200} placeholder="Part of a title" />
            <button type="submit" class="plain">
              Search
            </button>
            {search === '' ? null : <a href="/">Show all</a>}
          </form>
        </search>
        {isEmpty && (search !== '' || isFurther) ? (
          <p class="empty">{search === '' ? 'That was everything.' : 'Nothing was found.'}</p>
        ) : (
          <>
            <List title="Waiting for you" id="waiting" views={lists.waiting} empty="Nothing waits for you. Enjoy it." />
            <List title="You asked for" id="asked" views={lists.asked} empty={null} />
            <List title="Recently decided" id="recent" views={lists.recent} empty={null} />
          </>
        )}
        {lists.next === null && !isFurther ? null : (
          <nav class="pager" aria-label="Pages">
            {isFurther ? (
              <a href={search === '' ? '/' : `/?${new URLSearchParams({ q: search })}`}>To the start</a>
            ) : null}
            {lists.next === null ? null : (
              <a
                rel="next"
                href={`/?${new URLSearchParams({ ...(search === '' ? {} : { q: search }), after: lists.next })}`}
              >
                More
              </a>
            )}
          </nav>
        )}
      </main>
    </Page>
  );
}

function List(props: {
  readonly title: string;
  readonly id: string;
  readonly views: readonly RequestView[];
  readonly empty: string | null;
}): VNode | null {
  if (props.views.length === 0 && props.empty === null) return null;
  return (
    <section aria-labelledby={`${props.id}-title`}>
      <h2 id={`${props.id}-title`}>
        {props.title} {props.views.length === 0 ? null : <span class="how-many">{props.views.length}</span>}
      </h2>
      {props.views.length === 0 ? (
        <p class="empty">{props.empty}</p>
      ) : (
        <ul class="requests">
          {props.views.map((view) => (
            <Entry view={view} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Entry({ view }: { readonly view: RequestView }): VNode {
  return (
    <li class={`card entry ${view.status}`}>
      <h3 dir="auto">
        <a href={`/requests/${view.id}`}>{visible(view.title)}</a>
      </h3>
      <p class="muted">
        {visible(view.gate)} ·{' '}
        {view.requester === null ? <>pipeline {visible(view.pipeline)}</> : <User name={view.requester.name} />} ·{' '}
        <Time at={view.openedAt} />
      </p>
      <p class="badges">
        <StatusBadge view={view} />
        {view.sla === null || view.sla === 'met' ? null : <SlaBadge sla={view.sla} />}
      </p>
      {view.outcome === null ? (
        <p>
          {visible(view.progress)}
          {view.silence === null || view.silence.at === null ? null : (
            <>
              {' · until '}
              <Time at={view.silence.at} />
            </>
          )}
        </p>
      ) : (
        <p>
          {visible(view.outcome.sentence)} · <Time at={view.outcome.at} />
        </p>
      )}
    </li>
  );
}
