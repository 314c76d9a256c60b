/**
 * src/adapters/simulation.ts: what a request at a gate would come to, as one plain JSON document. The rehearsal makes
 * it; the API, the command line and the web pages show it. Times are RFC 3339 in UTC.
 */
import type { PersonId } from '../engine/definition.ts';
import type { FieldError, RequestId } from '../engine/request.ts';

export interface SimulatedPerson {
  readonly id: PersonId;
  readonly name: string;
}

/** One message that goes out. */
export interface SimulatedTell {
  /** `surface`: the message that shows the request; a notice's kind (`reminder`, `history`, …); `callback`; `action`. */
  readonly kind: string;
  /** `slack`, `teams`, `email`, `callback` or `http`. */
  readonly via: string;
  /** The channel's name in the config; null: it goes to a person, to the pipeline or to an action's address. */
  readonly channel: string | null;
  readonly person: SimulatedPerson | null;
  /** What it says, or what it is. */
  readonly sentence: string;
  /** When it is sent: quiet hours keep it back. */
  readonly at: string;
}

export type SimulatedStep =
  | 'opened'
  | 'asked'
  | 'vote'
  | 'refused'
  | 'stagePassed'
  | 'stageOpened'
  | 'approversChanged'
  | 'reminder'
  | 'escalation'
  | 'slaWarning'
  | 'slaBreach'
  | 'held'
  | 'released'
  | 'autoApproved'
  | 'expired'
  | 'approved'
  | 'rejected'
  | 'cancelled'
  | 'note';

export interface SimulatedEntry {
  readonly at: string;
  readonly what: SimulatedStep;
  readonly sentence: string;
  /** Whom it concerns: who is asked, reminded, escalated to, or has voted. */
  readonly people: readonly SimulatedPerson[];
  readonly tells: readonly SimulatedTell[];
}

export interface SimulatedApprover {
  readonly person: SimulatedPerson;
  /** The references of the rule that lead to them: `release-managers`, `manager-of:requester`. */
  readonly through: readonly string[];
  /** Whom they stand in for while that person is away, and until when that is. */
  readonly standsFor: (SimulatedPerson & { readonly until: string | null }) | null;
}

export interface SimulatedRule {
  readonly needed: number;
  /** As the gate has it: `2`, `all`, `majority`, `60%`. */
  readonly quorum: string;
  readonly refs: readonly string[];
  readonly approvers: readonly SimulatedApprover[];
  readonly leftOut: readonly {
    readonly person: SimulatedPerson;
    readonly why: string;
    /** How long they are away, where that is why. */
    readonly until: string | null;
  }[];
  /** What is in the way: a reference that leads to nobody, a source that can't be asked. */
  readonly problems: readonly string[];
}

export interface SimulatedStage {
  readonly name: string;
  readonly applies: boolean;
  readonly why: string;
  /** The condition as the gate has it. */
  readonly when: string | null;
  /** When it begins and is over here; null: it never does. */
  readonly from: string | null;
  readonly to: string | null;
  readonly rules: readonly SimulatedRule[];
}

/** Why somebody may vote or not, stage by stage, in the words that they would be given. */
export interface SimulatedExplanation {
  readonly person: SimulatedPerson;
  readonly sentence: string;
  readonly stages: readonly {
    readonly name: string;
    readonly mayVote: boolean;
    readonly sentence: string;
    readonly rules: readonly { readonly isIn: boolean; readonly sentence: string }[];
  }[];
  readonly bypass: string;
}

export interface Simulation {
  readonly gate: string;
  /** When the request is opened. */
  readonly at: string;
  /** The last moment that was looked at. */
  readonly until: string;
  /** In which the times are best shown: that of the gate's calendar, else the requester's, else UTC. */
  readonly timezone: string;
  readonly opens: boolean;
  /** Why it would not open. */
  readonly problem: {
    readonly code: string;
    readonly sentence: string;
    readonly errors: readonly FieldError[];
  } | null;
  readonly request: {
    readonly title: string;
    readonly description: string | null;
    readonly requester: SimulatedPerson | null;
    readonly expiresAt: string | null;
  };
  readonly stages: readonly SimulatedStage[];
  /** Everybody who is asked at some time, by whatever way, and where it reaches them. */
  readonly asked: readonly {
    readonly person: SimulatedPerson;
    readonly at: string;
    /** `slack`, `teams`, `email`, `web`. */
    readonly where: readonly string[];
  }[];
  readonly channels: readonly { readonly name: string; readonly kind: string }[];
  readonly timeline: readonly SimulatedEntry[];
  /** What happens if nobody decides, and when; null where it is decided at once or never opens. */
  readonly silence: { readonly sentence: string; readonly at: string | null } | null;
  /** How it ends here; null: it is still open at the last moment. */
  readonly end: {
    readonly status: string;
    readonly cause: string;
    readonly sentence: string;
    readonly at: string;
  } | null;
  /** What each of those who are asked sees when they are. */
  readonly people: readonly {
    readonly person: SimulatedPerson;
    readonly progress: string;
    readonly actions: readonly string[];
    readonly notice: string | null;
  }[];
  /** What to bear in mind: what was taken for granted, what could not be asked. */
  readonly notes: readonly string[];
  readonly explanation: SimulatedExplanation | null;
}

/** What a page asks for, as it was typed. Empty text: nothing was given. */
export interface SimulationForm {
  /** JSON. */
  readonly context: string;
  readonly requester: PersonId;
  /** RFC 3339, `+2h`, or a time without a zone in UTC; empty: now. */
  readonly at: string;
  /** `ana=approve@+1h`, one a line. */
  readonly votes: string;
  readonly explain: PersonId;
}

export interface SimulationAnswer {
  readonly form: SimulationForm;
  /** null: what was typed can't be read, and `errors` say why, by field. */
  readonly simulation: Simulation | null;
  readonly errors: readonly FieldError[];
}

/** A gate in a list of gates. */
export interface GateSummary {
  readonly name: string;
  /** Names of its stages, with the condition of each. */
  readonly stages: readonly { readonly name: string; readonly when: string | null; readonly asks: readonly string[] }[];
  /** Milliseconds; null: it has no deadline. */
  readonly timeoutMs: number | null;
  /** What silence comes to at the deadline. */
  readonly silence: 'approved' | 'rejected';
}

/** What pages ask of the process about gates. */
export interface GatePorts {
  list(): readonly GateSummary[];
  /** @param form null: a first look, with a sample. null is answered where there is no such gate. */
  simulate(gate: string, form: SimulationForm | null): SimulationAnswer | null;
  /** What comes of a pending request if nobody does anything more; the first steps of it. */
  next(id: RequestId): Promise<readonly SimulatedEntry[]>;
}
