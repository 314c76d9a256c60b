/**
 * src/engine/notebook.ts: the notebook of one decision: events are written down one after another, and each sees the
 * state that the ones before it led to.
 */
import { evolve } from './evolve.ts';
import type { Refusal } from './refusal.ts';
import type { Command, Decision, Event, FieldError, Pending, RequestState } from './request.ts';

export class Notebook {
  readonly events: Event[] = [];
  #state: RequestState;

  constructor(state: RequestState) {
    this.#state = state;
  }

  get state(): RequestState {
    return this.#state;
  }

  /** The state while the request is open; null after the end. */
  get pending(): Pending | null {
    return this.#state.status === 'pending' ? this.#state : null;
  }

  write(event: Event): this {
    this.events.push(event);
    this.#state = evolve(this.#state, event);
    return this;
  }

  accepted(): Decision {
    return { kind: 'accepted', events: this.events, state: this.#state };
  }
}

export const refuse = (refusal: Refusal, errors: readonly FieldError[] = []): Decision => ({
  kind: 'refused',
  refusal,
  errors,
});

/** One command out of the union. */
export type Of<Type extends Command['type']> = Extract<Command, { readonly type: Type }>;
