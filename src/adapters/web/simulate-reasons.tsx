/** src/adapters/web/simulate-reasons.tsx: why a simulation is as it is: who is asked through what, what they would see, who may vote. */
import type { VNode } from 'preact';
import type { SimulatedExplanation, SimulatedRule, SimulatedStage, Simulation } from '../simulation.ts';
import { visible } from '../text.ts';
import { User } from './layout.tsx';
import { localWords } from './timeline-picture.tsx';

export function Reasons({ simulation }: { readonly simulation: Simulation }): VNode {
  return (
    <>
      <section class="card" aria-labelledby="stages-title">
        <h2 id="stages-title">Who is asked, and why</h2>
        <ul class="why-list">
          {simulation.stages.map((stage) => (
            <Stage stage={stage} zone={simulation.timezone} />
          ))}
        </ul>
      </section>
      {simulation.people.length === 0 ? null : (
        <section class="card" aria-labelledby="seen-title">
          <h2 id="seen-title">What they would see</h2>
          <dl class="people-seen">
            {simulation.people.map(({ person, progress, actions, notice }) => (
              <div>
                <dt>
                  <User name={person.name} />
                </dt>
                <dd>
                  {visible(progress)}
                  {notice === null ? null : <p class="muted">{visible(notice)}</p>}
                  <div class="offers">
                    {actions.map((label) => (
                      <span>{visible(label)}</span>
                    ))}
                  </div>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {simulation.explanation === null ? null : <Explanation explanation={simulation.explanation} />}
    </>
  );
}

function Stage({ stage, zone }: { readonly stage: SimulatedStage; readonly zone: string }): VNode {
  return (
    <li class={stage.applies ? '' : 'left-out'}>
      <h3>
        {visible(stage.name)} <span class="state">{stage.applies ? 'applies' : 'left out'}</span>
      </h3>
      <p class="muted">{visible(stage.why)}</p>
      {stage.rules.map((rule) => (
        <Rule rule={rule} zone={zone} />
      ))}
    </li>
  );
}

function Rule({ rule, zone }: { readonly rule: SimulatedRule; readonly zone: string }): VNode {
  return (
    <>
      {rule.approvers.length === 0 ? null : (
        <p>
          {rule.needed} of these {rule.approvers.length} {rule.needed === 1 ? 'has' : 'have'} to approve:
        </p>
      )}
      <ul>
        {rule.approvers.map(({ person, through, standsFor }) => (
          <li>
            <User name={person.name} />{' '}
            <span class="muted">
              through {visible(through.join(', '))}
              {standsFor === null ? null : (
                <>
                  , standing in for <User name={standsFor.name} />
                  {standsFor.until === null ? '' : ` until ${localWords(standsFor.until, zone)}`}
                </>
              )}
            </span>
          </li>
        ))}
        {rule.leftOut.map(({ person, why, until }) => (
          <li class="muted">
            Not <User name={person.name} />: {visible(why)}
            {until === null ? '' : `, until ${localWords(until, zone)}`}
          </li>
        ))}
        {rule.problems.map((problem) => (
          <li class="error">{visible(problem)}</li>
        ))}
      </ul>
    </>
  );
}

function Explanation({ explanation }: { readonly explanation: SimulatedExplanation }): VNode {
  return (
    <section class="card" aria-labelledby="explained-title">
      <h2 id="explained-title">{visible(explanation.sentence)}</h2>
      <ul class="why-list">
        {explanation.stages.map(({ name, sentence, rules }) => (
          <li>
            <h3>{visible(name)}</h3>
            <p>{visible(sentence)}</p>
            <ul>
              {rules.map((rule) => (
                <li class="muted">{visible(rule.sentence)}</li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      <p class="muted">{visible(explanation.bypass)}</p>
    </section>
  );
}
