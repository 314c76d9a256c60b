/** src/adapters/web/request-page.tsx: the page of one request: what is asked, who decides, and how it ended. */
import type { ComponentChildren, VNode } from 'preact';
import type { OutcomeView, RequestView } from '../../engine/view.ts';
import type { SimulatedEntry } from '../simulation.ts';
import { safeLink, visible } from '../text.ts';
import { Decision } from './decision.tsx';
import type { Typed } from './forms.ts';
import { Names, Page, SlaBadge, StatusBadge, Time, User } from './layout.tsx';
import { Markdown } from './markdown.tsx';
import { Message } from './message.tsx';
import { Actions, Discussion } from './more.tsx';
import { PauseBanner } from './pause-banner.tsx';
import type { PauseView } from './pauses.ts';
import type { WebPerson } from './ports.ts';
import { Escalations, Stages, Undelivered } from './progress.tsx';
import type { Session } from './session.ts';
import { Next } from './timeline.tsx';
import { causeWords, lookOf, statusWords } from './words.ts';

export interface RequestPageProps {
  readonly view: RequestView;
  readonly session: Session;
  readonly people: readonly WebPerson[];
  /** What the last action came to: told at the top. */
  readonly message: { readonly kind: 'done' | 'refused'; readonly words: string } | null;
  readonly typed: Typed | null;
  /** What comes by itself; nothing once it is decided. */
  readonly next: readonly SimulatedEntry[];
  /** Of its gate, its pipeline or everything; none once it is decided. */
  readonly paused: readonly PauseView[];
}

export function RequestPage({ view, session, people, message, typed, next, paused }: RequestPageProps): VNode {
  const isPending = view.status === 'pending';
  return (
    <Page title={`${view.title} · ${statusWords[lookOf(view)]}`} session={session} decision={isPending}>
      <main
        id="content"
        class="request"
        tabIndex={-1}
        data-url={`/requests/${view.id}`}
        data-version={String(view.version)}
        data-summary={view.outcome?.sentence ?? view.progress}
      >
        <header class="asked">
          <p class="crumbs">
            <a href="/">Inbox</a> <span aria-hidden="true">/</span> <span class="gate">{visible(view.gate)}</span>
          </p>
          <h1 dir="auto">{visible(view.title)}</h1>
          <p class="badges">
            <StatusBadge view={view} />
            {view.sla === null ? null : <SlaBadge sla={view.sla} />}
          </p>
          <p class="muted">
            <Asker view={view} />, <Time at={view.openedAt} />
          </p>
          <PauseBanner pauses={paused} />
        </header>
        {message === null ? null : <Message {...message} lines={typed?.errors.map((error) => error.message) ?? []} />}
        {view.outcome === null ? (
          <Decision view={view} session={session} typed={typed} />
        ) : (
          <Ending outcome={view.outcome} look={lookOf(view)} />
        )}
        <div class="body">
          <Asked view={view} />
          <Stages view={view} />
          <Escalations view={view} />
          <Next entries={next} />
          <Undelivered view={view} />
          <Discussion view={view} session={session} typed={typed} />
          <Actions view={view} session={session} people={people} typed={typed} />
          <p class="digest">
            What you see is sealed as <code>{visible(view.digest)}</code>
          </p>
        </div>
      </main>
    </Page>
  );
}

function Asker({ view }: { readonly view: RequestView }): VNode {
  const pipeline = <User name={view.pipeline} />;
  if (view.requester === null) return <>Pipeline {pipeline} asks</>;
  return (
    <>
      <strong>
        <User name={view.requester.name} />
      </strong>{' '}
      asks, as pipeline {pipeline} says
    </>
  );
}

function Ending(props: { readonly outcome: OutcomeView; readonly look: ReturnType<typeof lookOf> }): VNode {
  const { outcome, look } = props;
  return (
    <section class={`card ending ${look}`} id="decision" aria-labelledby="ending-title">
      <h2 id="ending-title">{statusWords[look]}</h2>
      <p class="sentence">{visible(outcome.sentence)}</p>
      <dl class="facts">
        <Row label="When">
          <Time at={outcome.at} />
        </Row>
        {outcome.decidedBy.length === 0 ? null : (
          <Row label="By">
            <Names people={outcome.decidedBy} />
          </Row>
        )}
        {outcome.optionLabel === null ? null : <Row label="Choice">{visible(outcome.optionLabel)}</Row>}
        {outcome.reason === null ? null : (
          <Row label="Reason">
            <Said text={outcome.reason} />
          </Row>
        )}
        {outcome.inputs.map((input) => (
          <Row label={input.label}>
            <Said text={input.value} />
          </Row>
        ))}
        <Row label="How">{causeWords[outcome.cause]}</Row>
      </dl>
      <AfterReview review={outcome.afterReview} />
    </section>
  );
}

function AfterReview({ review }: { readonly review: OutcomeView['afterReview'] }): VNode | null {
  if (review === null) return null;
  if (review === 'due') return <p class="callout">Somebody else still has to review this bypass.</p>;
  return (
    <p class="callout">
      Reviewed by <User name={review.by.name} />, <Time at={review.at} />
      {review.note === null ? '.' : <>: {visible(review.note)}</>}
    </p>
  );
}

function Row({ label, children }: { readonly label: string; readonly children: ComponentChildren }): VNode {
  return (
    <div>
      <dt>{visible(label)}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const Said = ({ text }: { readonly text: string }): VNode => (
  <span class="said" dir="auto">
    {visible(text)}
  </span>
);

/** Everything that the pipeline brought, in one place that says so: it cannot pass for what the system knows. */
function Asked({ view }: { readonly view: RequestView }): VNode | null {
  const { subject, artifacts, facts, description } = view;
  if (subject === null && artifacts.length === 0 && facts.length === 0 && description === null) return null;
  return (
    <section class="card" aria-labelledby="asked-title">
      <h2 id="asked-title">
        What is asked{' '}
        <span class="by-whom">
          written by pipeline <User name={view.pipeline} />
        </span>
      </h2>
      {facts.length === 0 ? null : (
        <dl class="facts">
          {facts.map((fact) => (
            <Row label={fact.label}>
              <Said text={fact.value} />
            </Row>
          ))}
        </dl>
      )}
      {description === null ? null : <Markdown text={description} />}
      {subject === null ? null : (
        <>
          <h3>Subject</h3>
          <ul class="things">
            <Thing name={subject.name} url={subject.url} digest={subject.digest} />
          </ul>
        </>
      )}
      {artifacts.length === 0 ? null : (
        <>
          <h3>Artifacts</h3>
          <ul class="things">
            {artifacts.map((artifact) => (
              <Thing {...artifact} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Thing(props: { readonly name: string; readonly url: string | null; readonly digest: string | null }): VNode {
  const link = props.url === null ? null : safeLink(props.url);
  return (
    <li>
      {link === null ? (
        <User name={props.name} />
      ) : (
        <>
          <a href={link.href} rel="noopener noreferrer nofollow">
            <User name={props.name} />
          </a>{' '}
          <span class="goes-to">({link.goesTo})</span>
        </>
      )}
      {link === null && props.url !== null ? <span class="goes-to"> ({visible(props.url)}, not a link)</span> : null}
      {props.digest === null ? null : <code class="hash">{visible(props.digest)}</code>}
    </li>
  );
}
