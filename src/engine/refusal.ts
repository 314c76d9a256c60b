/** src/engine/refusal.ts: every expected "no", and the words that every channel uses for it. */

export type Refusal =
  | 'not_found'
  | 'already_open'
  | 'already_closed'
  | 'past_deadline'
  | 'paused'
  | 'not_paused'
  | 'paused_elsewhere'
  | 'own_request'
  | 'not_an_approver'
  | 'not_allowed'
  | 'already_voted'
  | 'no_vote'
  | 'another_person_needed'
  | 'stale_vote'
  | 'unknown_person'
  | 'unknown_option'
  | 'reason_required'
  | 'invalid_inputs'
  | 'assurance_needed'
  | 'directory_unavailable'
  | 'requester_required'
  | 'no_stage_applies'
  | 'no_approvers'
  | 'unreachable_quorum'
  | 'already_an_approver'
  | 'no_bypass'
  | 'no_question'
  | 'no_heartbeat'
  | 'nudged_lately'
  | 'nobody_missing'
  | 'no_review_due'
  | 'not_in_future'
  | 'text_required'
  | 'too_many';

/** Kind, private and plain: each says what is so, and where it helps what to do. */
export const words: Readonly<Record<Refusal, string>> = {
  not_found: 'There is no such request.',
  already_open: 'This request is open already.',
  already_closed: 'This request has already been decided; nothing can be changed any more.',
  past_deadline: 'The deadline has passed, so this came too late to count.',
  paused: 'This request is paused. It can be decided once it is resumed.',
  not_paused: 'This request is not paused.',
  paused_elsewhere: 'This request is paused along with its gate, its pipeline or everything, and is resumed with that.',
  own_request: 'You asked for this, so somebody else has to decide it.',
  not_an_approver: 'You are not among the people who decide this right now, so nothing was counted.',
  not_allowed: 'You may not do that with this request.',
  already_voted: 'You have voted already. To decide differently, change your vote.',
  another_person_needed: 'You have approved an earlier stage, and this gate asks for a different person in each.',
  no_vote: 'You have no vote here that could be changed or withdrawn.',
  stale_vote: 'This has changed since it was shown to you, so nothing was done. Please look at it again.',
  unknown_person: 'That person is not in the directory.',
  unknown_option: 'This gate does not offer that option.',
  reason_required: 'This decision needs a reason.',
  invalid_inputs: 'Some answers are missing or do not fit.',
  assurance_needed: 'This gate asks for a fresh sign-in: please decide on the web page.',
  directory_unavailable:
    'The directory of approvers cannot be reached right now, so nothing was counted. Please try again.',
  requester_required: 'This gate forbids approving one’s own request, so the request must say who asks.',
  no_stage_applies: 'No stage of this gate applies to this request, so there is nobody to ask.',
  no_approvers: 'The approvers of this gate resolve to nobody.',
  unreachable_quorum: 'This gate asks for more approvals than there are people who may give them.',
  already_an_approver: 'That person already has a vote of their own here.',
  no_bypass: 'This gate cannot be bypassed by you.',
  no_question: 'Nobody is waiting for information here.',
  nudged_lately: 'They were asked again only a moment ago. You can ask once in 15 minutes.',
  nobody_missing: 'There is nobody to ask again right now: everybody has answered, or has asked for quiet.',
  no_heartbeat: 'This request was opened without a heartbeat.',
  no_review_due: 'No review is due here.',
  not_in_future: 'That moment is not in the future.',
  text_required: 'Please write something.',
  too_many: 'So much has been written here that no more fits. It can still be decided; please talk on elsewhere.',
};
