/**
 * src/bot/actions.ts: the HTTP calls that a gate makes when a request ends, with their templates filled in. In a URL
 * every value is percent-encoded; its host is literal in the config, so no value can send the call elsewhere.
 */
import { RefusedError } from '../adapters/channel.ts';
import type { HttpActionDefinition, Json } from '../engine/definition.ts';
import { renderTemplate } from '../engine/expression.ts';
import { facts } from '../engine/form.ts';
import type { Closed } from '../engine/request.ts';
import { outcomeJson } from './request-json.ts';

/** @throws RefusedError where a template fails: trying again would fail again */
export function renderAction(state: Closed, index: number): HttpActionDefinition {
  const action = state.gate.actions[state.status][index];
  if (action === undefined) throw new RefusedError('the gate has no such action');
  const known = { ...facts(state.content, state.gate), outcome: outcomeJson(state.outcome) };
  const fill = (template: string, encode?: (value: string) => string): string => {
    const rendered = renderTemplate(template, known, encode);
    if (!rendered.ok) throw new RefusedError(`a template of the action fails: ${rendered.error}`);
    return rendered.value;
  };
  return {
    ...action,
    url: fill(action.url, encodeURIComponent),
    body: filled(action.body, fill),
  };
}

function filled(body: Json, fill: (template: string) => string): Json {
  if (typeof body === 'string') return fill(body);
  if (typeof body !== 'object' || body === null) return body;
  if (isList(body)) return body.map((item) => filled(item, fill));
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, filled(value, fill)]));
}

const isList = (body: Json): body is readonly Json[] => Array.isArray(body);
