/** src/adapters/web/simulate-page.tsx: the list of gates, and what a request at one of them would come to. */
import type { ComponentChildren, VNode } from 'preact';
import type { GateSummary, Simulation, SimulationAnswer } from '../simulation.ts';
import { visible } from '../text.ts';
import { Page } from './layout.tsx';
import { Message } from './message.tsx';
import type { WebPerson } from './ports.ts';
import type { Session } from './session.ts';
import { Reasons } from './simulate-reasons.tsx';
import { durationWords, TimelineTable } from './timeline.tsx';
import { localWords, Picture } from './timeline-picture.tsx';

const simulateAddress = (gate: string): string => `/gates/${encodeURIComponent(gate)}/simulate`;

export function GatesPage(props: { readonly session: Session; readonly gates: readonly GateSummary[] }): VNode {
  return (
    <Page title="Gates" session={props.session} here="gates">
      <main id="content" class="gates-page" tabIndex={-1}>
        <h1>Gates</h1>
        <p class="muted">
          Each can be played through before anything is sent: who is asked, when, and what silence does.
        </p>
        {props.gates.length === 0 ? <p class="empty">The config names no gates.</p> : null}
        <ul class="gate-list">
          {props.gates.map((gate) => (
            <li class="card">
              <h2>
                <a href={simulateAddress(gate.name)}>{visible(gate.name)}</a>
              </h2>
              {gate.stages.map(({ name, when, asks }) => (
                <p>
                  {visible(name)}: {visible(asks.join(', '))}
                  {when === null ? null : (
                    <>
                      {' '}
                      <span class="muted">when</span> <code>{visible(when)}</code>
                    </>
                  )}
                </p>
              ))}
              <p class="muted">
                {gate.timeoutMs === null
                  ? 'It waits without end.'
                  : `${gate.silence} after ${durationWords(gate.timeoutMs)} of silence`}
              </p>
            </li>
          ))}
        </ul>
      </main>
    </Page>
  );
}

export interface SimulatePageProps {
  readonly session: Session;
  readonly gate: string;
  readonly answer: SimulationAnswer;
  readonly people: readonly WebPerson[];
}

export function SimulatePage({ session, gate, answer, people }: SimulatePageProps): VNode {
  const { simulation } = answer;
  return (
    <Page title={`Simulate ${gate}`} session={session} here="gates">
      <main id="content" class="simulate" tabIndex={-1}>
        <header>
          <p class="crumbs">
            <a href="/gates">Gates</a> <span aria-hidden="true">/</span> <span class="gate">{visible(gate)}</span>
          </p>
          <h1 dir="auto">{simulation === null ? `Simulate ${visible(gate)}` : visible(simulation.request.title)}</h1>
          <p class="muted">A rehearsal: nothing is opened and nothing is sent.</p>
        </header>
        {answer.errors.length === 0 ? null : (
          <Message kind="refused" words="This can’t be played through yet:" lines={answer.errors.map(problemLine)} />
        )}
        {simulation === null ? null : <Result simulation={simulation} />}
        <Ask gate={gate} answer={answer} people={people} />
        {simulation === null ? null : <Reasons simulation={simulation} />}
      </main>
    </Page>
  );
}

const problemLine = ({ path, message }: { readonly path: string; readonly message: string }): string =>
  `${path}: ${message}`;

function Result({ simulation }: { readonly simulation: Simulation }): VNode {
  const { problem, end, silence, notes } = simulation;
  return (
    <section class="card" aria-labelledby="result-title">
      <h2 id="result-title">What would happen</h2>
      {problem === null ? null : (
        <Message
          kind="refused"
          words={`It would not open: ${problem.sentence}`}
          lines={problem.errors.map(problemLine)}
        />
      )}
      {end === null ? null : (
        <p class="verdict">
          <strong>{visible(end.sentence)}</strong>, {localWords(end.at, simulation.timezone)}
        </p>
      )}
      {end === null && silence !== null ? <p class="verdict">{visible(silence.sentence)}</p> : null}
      <Picture simulation={simulation} />
      <TimelineTable simulation={simulation} />
      {notes.length === 0 ? null : (
        <ul class="muted notes">
          {notes.map((note) => (
            <li>{visible(note)}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Ask(props: {
  readonly gate: string;
  readonly answer: SimulationAnswer;
  readonly people: readonly WebPerson[];
}): VNode {
  const { form, errors } = props.answer;
  const wrong = (path: string) => (errors.some((error) => error.path === path) ? 'true' : undefined);
  return (
    <section class="card" aria-labelledby="ask-title">
      <h2 id="ask-title">Try it differently</h2>
      <form class="ask" method="get" action={simulateAddress(props.gate)}>
        <Field id="context" label="Context" help="JSON, as the pipeline would send it">
          <textarea
            id="context"
            name="context"
            rows={8}
            spellcheck={false}
            aria-describedby="context-help"
            aria-invalid={wrong('context')}
          >
            {form.context}
          </textarea>
        </Field>
        <div class="row">
          <PersonField
            id="requester"
            label="Who asks"
            none="Nobody is named"
            value={form.requester}
            people={props.people}
          />
          <Field id="at" label="Opened at" help="2026-12-24T22:00:00Z, or +2h; empty is now">
            <input
              id="at"
              name="at"
              type="text"
              value={form.at}
              maxLength={40}
              aria-describedby="at-help"
              aria-invalid={wrong('at')}
            />
          </Field>
          <Field id="votes" label="Votes" help="One a line, such as ana=approve@+1h">
            <textarea
              id="votes"
              name="votes"
              rows={2}
              spellcheck={false}
              aria-describedby="votes-help"
              aria-invalid={wrong('votes')}
            >
              {form.votes}
            </textarea>
          </Field>
          <PersonField id="explain" label="Explain" none="Nobody" value={form.explain} people={props.people} />
        </div>
        <button class="primary" type="submit">
          Simulate
        </button>
      </form>
    </section>
  );
}

function Field(props: {
  readonly id: string;
  readonly label: string;
  readonly help: string;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <div class="field">
      <label for={props.id}>{props.label}</label>
      {props.children}
      <p class="help" id={`${props.id}-help`}>
        {props.help}
      </p>
    </div>
  );
}

function PersonField(props: {
  readonly id: string;
  readonly label: string;
  readonly none: string;
  readonly value: string;
  readonly people: readonly WebPerson[];
}): VNode {
  return (
    <div class="field">
      <label for={props.id}>{props.label}</label>
      <select id={props.id} name={props.id}>
        <option value="">{props.none}</option>
        {props.people.map(({ id, name }) => (
          <option value={id} selected={id === props.value}>
            {visible(name)}
          </option>
        ))}
      </select>
    </div>
  );
}
