/** src/adapters/web/progress.tsx: who decides: stages, rules, votes, who is missing, and whom an escalation brought in. */
import type { VNode } from 'preact';
import type { RequestView, RuleView, StageView, VoteView } from '../../engine/view.ts';
import { visible } from '../text.ts';
import { escalatedWords, stageWords, viaWords } from '../words.ts';
import { Names, Time, User } from './layout.tsx';

export function Stages({ view }: { readonly view: RequestView }): VNode | null {
  if (view.stages.length === 0) return null;
  return (
    <section class="card" aria-labelledby="stages-title">
      <h2 id="stages-title">Who decides</h2>
      <ol class="stages">
        {view.stages.map((stage) => (
          <Stage stage={stage} isPending={view.status === 'pending'} />
        ))}
      </ol>
    </section>
  );
}

function Stage({ stage, isPending }: { readonly stage: StageView; readonly isPending: boolean }): VNode {
  const isOver = !isPending && (stage.state === 'open' || stage.state === 'waiting');
  return (
    <li class={`stage ${isOver ? 'over' : stage.state}`}>
      <h3>
        {visible(stage.name)} <span class="state">{isOver ? 'ended before this' : stageWords[stage.state]}</span>
      </h3>
      {stage.state === 'skipped' ? null : (
        <>
          {stage.rules.map((rule) => (
            <Rule rule={rule} isSeveral={stage.rules.length > 1} isPending={isPending} />
          ))}
          {stage.votes.length === 0 ? null : (
            <ul class="votes-cast">
              {stage.votes.map((vote) => (
                <Vote vote={vote} />
              ))}
            </ul>
          )}
        </>
      )}
    </li>
  );
}

/** Above this many the bar is one piece: single segments would be too thin to see. */
const MOST_SEGMENTS = 12;

function Rule(props: { readonly rule: RuleView; readonly isSeveral: boolean; readonly isPending: boolean }): VNode {
  const { rule } = props;
  const words = `${rule.approvals} of ${rule.needed} ${rule.needed === 1 ? 'approval' : 'approvals'}`;
  return (
    <div class="rule">
      <p class="count">
        {words}
        {rule.rejections === 0 ? null : `, ${rule.rejections} against`}
        {props.isSeveral && (rule.state === 'passed' || rule.state === 'rejected') ? (
          <span class="state">{stageWords[rule.state]}</span>
        ) : null}
      </p>
      {rule.needed <= MOST_SEGMENTS ? (
        <div class="bar" aria-hidden="true">
          {Array.from({ length: rule.needed }, (_, index) => (
            <span class={index < rule.approvals ? 'filled' : rule.state === 'rejected' ? 'lost' : ''} />
          ))}
        </div>
      ) : (
        <progress
          class="whole-bar"
          aria-hidden="true"
          max={rule.needed}
          value={Math.min(rule.approvals, rule.needed)}
        />
      )}
      {rule.missing.length === 0 || rule.state === 'passed' || !props.isPending ? null : (
        <p class="people">
          {rule.state === 'waiting' ? 'Will be asked: ' : 'Waiting for '}
          <Names people={rule.missing} />
        </p>
      )}
    </div>
  );
}

function Vote({ vote }: { readonly vote: VoteView }): VNode {
  return (
    <li class={`vote ${vote.counts ? vote.outcome : 'discounted'}`}>
      <p>
        <strong>
          <User name={vote.person.name} />
        </strong>
        {vote.onBehalfOf === null ? null : (
          <>
            {' '}
            for <User name={vote.onBehalfOf.name} />
          </>
        )}
        {': '}
        <span class="choice">{visible(vote.optionLabel)}</span>{' '}
        <span class="muted">
          {viaWords[vote.via]}
          {vote.pipeline === null ? null : (
            <>
              {' '}
              by pipeline <User name={vote.pipeline} />
            </>
          )}
          , <Time at={vote.at} />
        </span>
      </p>
      {vote.counts ? null : <p class="muted">Does not count any more.</p>}
      {vote.reason === null ? null : <blockquote dir="auto">{visible(vote.reason)}</blockquote>}
      {vote.inputs.length === 0 ? null : (
        <dl class="facts small">
          {vote.inputs.map((input) => (
            <div>
              <dt>{visible(input.label)}</dt>
              <dd class="said">{visible(input.value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

export function Escalations({ view }: { readonly view: RequestView }): VNode | null {
  if (view.escalations.length === 0) return null;
  return (
    <section class="card" aria-labelledby="escalations-title">
      <h2 id="escalations-title">Escalations</h2>
      <ul class="plain-list">
        {view.escalations.map((step) => (
          <li>
            {escalatedWords(step)}:{' '}
            {step.people.length === 0 ? (
              'nobody could be added'
            ) : (
              <>
                <Names people={step.people} /> {step.people.length === 1 ? 'was' : 'were'} asked
                {step.mode === 'replace' ? ' instead' : ' too'}
              </>
            )}
            , <Time at={step.at} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What never arrived, for somebody to look after by hand. */
export function Undelivered({ view }: { readonly view: RequestView }): VNode | null {
  if (view.undelivered.length === 0) return null;
  return (
    <section class="card" aria-labelledby="undelivered-title">
      <h2 id="undelivered-title">Not delivered</h2>
      <ul class="plain-list">
        {view.undelivered.map(({ sentence, at }) => (
          <li>
            {sentence}, <Time at={at} />
          </li>
        ))}
      </ul>
    </section>
  );
}
