/** src/engine/commands/talk.ts: what people say to each other about an open request. None of it decides anything. */
import type { Instant } from '../definition.ts';
import { Notebook, type Of, refuse } from '../notebook.ts';
import type { Actor, Decision, Pending } from '../request.ts';

/** Of one request. They are part of its state, which is read and shown whole. */
const MAX_COMMENTS = 500;
const MAX_QUESTIONS = 100;

/** The bot lets in only people of the directory and the request's own pipeline. */
export function comment(state: Pending, { by, text }: Of<'comment'>, now: Instant): Decision {
  const said = text.trim();
  if (said === '') return refuse('text_required', [{ path: 'text', message: 'is required' }]);
  if (by.kind === 'pipeline' && by.pipeline !== state.content.pipeline) return refuse('not_allowed');
  if (state.comments.length >= MAX_COMMENTS) return refuse('too_many');
  return new Notebook(state).write({ type: 'commented', at: now, by, text: said }).accepted();
}

/** Goes back to whoever asked. The request stays open, and its deadline stays. */
export function requestInformation(state: Pending, command: Of<'requestInformation'>, now: Instant): Decision {
  const { by } = command;
  const question = command.question.trim();
  if (!state.stages.some((stage) => stage.rules.some((rule) => rule.approvers.includes(by))))
    return refuse('not_an_approver');
  if (question === '') return refuse('text_required', [{ path: 'question', message: 'is required' }]);
  if (state.information.length >= MAX_QUESTIONS) return refuse('too_many');
  return new Notebook(state).write({ type: 'informationRequested', at: now, by, question }).accepted();
}

/** Answers every open question at once. */
export function returnInformation(state: Pending, command: Of<'returnInformation'>, now: Instant): Decision {
  const { by } = command;
  const answer = command.answer.trim();
  if (!mayAnswer(state, by)) return refuse('not_allowed');
  if (state.information.every((asked) => asked.answer !== null)) return refuse('no_question');
  if (answer === '') return refuse('text_required', [{ path: 'answer', message: 'is required' }]);
  return new Notebook(state).write({ type: 'informationReturned', at: now, by, answer }).accepted();
}

/** The requester or the pipeline; anybody where no requester is known. */
function mayAnswer({ content }: Pending, by: Actor): boolean {
  if (by.kind === 'pipeline') return by.pipeline === content.pipeline;
  return content.requester === null || content.requester === by.person;
}
