/**
 * src/engine/view.ts: what there is to see and do. `view(request, viewer)` says it once; every adapter only draws it,
 * so all channels say the same thing. All text that came from outside is raw: escaping is the adapter's part.
 */
import type { FieldDefinition, Instant, PersonId, Verdict } from './definition.ts';
import type { Cause, RequestId, Status, Via } from './request.ts';

/** `everyone` is a shared surface such as a channel's message: it shows every action, and the engine refuses the wrong hands. */
export type Viewer = { readonly kind: 'person'; readonly person: PersonId } | { readonly kind: 'everyone' };

export interface PersonView {
  readonly id: PersonId;
  readonly name: string;
  /** Among approvers: the name of whom they are asked for. Left out where they are asked for themselves. */
  readonly standsFor?: string;
}

export interface VoteView {
  readonly person: PersonView;
  readonly onBehalfOf: PersonView | null;
  readonly option: string;
  readonly optionLabel: string;
  readonly outcome: Verdict;
  readonly reason: string | null;
  /** Answers to the form, as label and text. */
  readonly inputs: readonly { readonly label: string; readonly value: string }[];
  readonly via: Via;
  /** The pipeline that cast it for the person, if one did. */
  readonly pipeline: string | null;
  readonly at: Instant;
  readonly counts: boolean;
}

export interface RuleView {
  readonly needed: number;
  readonly approvals: number;
  readonly rejections: number;
  readonly state: 'waiting' | 'open' | 'passed' | 'rejected';
  /** Everybody who may vote on it. */
  readonly approvers: readonly PersonView[];
  /** Those of them who have not voted. */
  readonly missing: readonly PersonView[];
}

export interface StageView {
  readonly name: string;
  readonly state: 'waiting' | 'open' | 'passed' | 'skipped' | 'rejected';
  readonly rules: readonly RuleView[];
  readonly votes: readonly VoteView[];
}

/** What the person is asked with a decision. Only the fields that apply to the option. */
export interface DecisionForm {
  readonly reason: 'required' | 'optional';
  readonly fields: readonly FieldDefinition[];
}

export type ActionView =
  | {
      readonly kind: 'vote' | 'changeVote';
      readonly option: string;
      readonly label: string;
      readonly style: 'primary' | 'danger' | null;
      readonly outcome: Verdict;
      readonly form: DecisionForm;
      /** Question to confirm before a dangerous step; null where one click is right. */
      readonly confirm: string | null;
      /** changeVote only: the `seq` of the vote that this would replace. */
      readonly replaces: number | null;
    }
  | { readonly kind: 'withdrawVote'; readonly label: string; readonly replaces: number }
  | {
      readonly kind:
        | 'comment'
        | 'requestInformation'
        | 'returnInformation'
        | 'delegate'
        | 'snooze'
        | 'cancel'
        | 'nudge'
        | 'reviewBypass';
      readonly label: string;
    }
  | { readonly kind: 'bypass'; readonly label: string; readonly confirm: string };

export interface OutcomeView {
  readonly status: Exclude<Status, 'pending'>;
  readonly cause: Cause;
  /** "Approved by Ana Silva", "Rejected: nobody decided in time", … */
  readonly sentence: string;
  readonly optionLabel: string | null;
  readonly decidedBy: readonly PersonView[];
  readonly reason: string | null;
  readonly inputs: readonly { readonly label: string; readonly value: string }[];
  readonly at: Instant;
  /** After a bypass: still to be reviewed, or by whom it was. */
  readonly afterReview: 'due' | { readonly by: PersonView; readonly note: string | null; readonly at: Instant } | null;
}

export interface RequestView {
  readonly id: RequestId;
  readonly version: number;
  readonly gate: string;
  readonly title: string;
  readonly status: Status;
  /** Markdown. */
  readonly description: string | null;
  /** The pipeline asserts who asks; surfaces say so. */
  readonly requester: PersonView | null;
  readonly pipeline: string;
  /** The caller's fields, then the context's plain values. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly subject: { readonly name: string; readonly digest: string | null; readonly url: string | null } | null;
  readonly artifacts: readonly { readonly name: string; readonly url: string; readonly digest: string | null }[];
  /** Of everything shown: what a receipt vouches for. */
  readonly digest: string;
  readonly openedAt: Instant;
  readonly expiresAt: Instant | null;
  readonly stages: readonly StageView[];
  /** "1 of 2 approvals · waiting for Mia Chen" */
  readonly progress: string;
  /** What happens if nobody decides, and when. `sentence` has no time in it: each surface adds `at` in the reader's own. */
  readonly silence: { readonly sentence: string; readonly at: Instant | null } | null;
  /** By whom, what is paused, why, and whether the deadline runs on. `at`: since when. */
  readonly paused: { readonly sentence: string; readonly at: Instant } | null;
  readonly held: { readonly sentence: string; readonly until: Instant } | null;
  readonly sla: 'met' | 'warned' | 'breached' | null;
  readonly comments: readonly { readonly by: string; readonly text: string; readonly at: Instant }[];
  readonly information: readonly {
    readonly by: PersonView;
    readonly question: string;
    readonly at: Instant;
    readonly answer: { readonly by: string; readonly text: string; readonly at: Instant } | null;
  }[];
  readonly escalations: readonly {
    readonly people: readonly PersonView[];
    readonly mode: 'add' | 'replace';
    readonly at: Instant;
    /** Which step of the gate's chain (from 1), of how many, where that was written down. */
    readonly step?: { readonly number: number; readonly of: number };
    /** It came with the missed target time. */
    readonly cause?: 'sla';
  }[];
  /** What could not be delivered for good: a callback, a message. Somebody has to look. */
  readonly undelivered: readonly { readonly sentence: string; readonly at: Instant }[];
  readonly outcome: OutcomeView | null;
  readonly myVote: VoteView | null;
  readonly actions: readonly ActionView[];
  /** The viewer is asked for somebody else; left out where they are not. `until`: when that person is back, if it is known. */
  readonly asked?: { readonly sentence: string; readonly until: Instant | null };
  /** Why this viewer may not vote, in kind words; null when they may. */
  readonly notice: string | null;
  /** The gate asks for a fresh sign-in: chat shows Review and links to the page. */
  readonly mustReview: boolean;
}
