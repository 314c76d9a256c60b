/** src/bot/open.ts: from a pipeline's POST to the content of a request: who asks, what is shown, and the digest of it. */
import { hash } from 'node:crypto';
import type { GateDefinition, Json, PersonId } from '../engine/definition.ts';
import type { Directory } from '../engine/directory.ts';
import { renderTemplate } from '../engine/expression.ts';
import type { Content, RequestId } from '../engine/request.ts';
import { normaliseEmail } from './config/index.ts';
import { TEXT } from './limits.ts';
import { shownText } from './request-json.ts';
import { shortened } from './shortened.ts';

/** What the body of POST /v1/requests says, besides the overrides. */
export interface Asked {
  readonly title: string | null;
  readonly description: string | null;
  readonly requester: PersonId | null;
  readonly context: Json;
  readonly fields: Content['fields'];
  readonly artifacts: Content['artifacts'];
  readonly subject: Content['subject'];
  readonly callback: Content['callback'];
  readonly supersedes: string | null;
  readonly heartbeatMs: number | null;
}

/** What is asked where nobody says more than this. */
export const plainlyAsked = (asked: Pick<Asked, 'title' | 'requester' | 'context'>): Asked => ({
  description: null,
  fields: [],
  artifacts: [],
  subject: null,
  callback: null,
  supersedes: null,
  heartbeatMs: null,
  ...asked,
});

/** The content, as the JSON `text` that is stored, and the part of it that people are `shown`. */
export function contentOf(
  id: RequestId,
  pipeline: string,
  gate: GateDefinition,
  asked: Asked,
): { readonly content: Content; readonly text: string; readonly shown: string } {
  const facts = {
    context: asked.context ?? {},
    request: { id, gate: gate.name, pipeline, requester: asked.requester },
  };
  const title =
    asked.title ?? (shortened(gate.title === null ? '' : rendered(gate.title, facts), TEXT.title) || gate.name);
  const description =
    asked.description ??
    (gate.description === null ? null : shortened(rendered(gate.description, facts), TEXT.description));
  const { requester, context, fields, artifacts, subject, callback, supersedes, heartbeatMs } = asked;
  const shown = shownText({ id, pipeline, title, description, requester, context, fields, artifacts, subject });
  const undigested = `{${shown},${JSON.stringify({ callback, supersedes, heartbeatMs }).slice(1, -1)}`;
  const digest = contentDigest(undigested, gate);
  const content: Content = {
    id,
    pipeline,
    title,
    description,
    requester,
    context,
    fields,
    artifacts,
    subject,
    callback,
    supersedes,
    heartbeatMs,
    digest,
  };
  return { content, text: `${undigested},"digest":"${digest}"}`, shown };
}

/**
 * A template of which an expression fails still names the request: it stays as it is written in the config,
 * so that people see what is missing.
 */
function rendered(template: string, facts: Readonly<Record<string, unknown>>): string {
  const whole = renderTemplate(template, facts);
  return whole.ok ? whole.value : template;
}

const gateDigests = new WeakMap<GateDefinition, string>();

/** `sha256:…` over the request and its gate as JSON, keys in the order of the types: the same asking gives the same digest. */
function contentDigest(undigested: string, gate: GateDefinition): string {
  let pinned = gateDigests.get(gate);
  if (pinned === undefined) {
    pinned = hash('sha256', JSON.stringify(gate));
    gateDigests.set(gate, pinned);
  }
  return `sha256:${hash('sha256', pinned + undigested)}`;
}

/** The person named by `requester`; null when there is none in the directory. */
export function requesterOf(given: string | { readonly email: string }, directory: Directory): PersonId | null {
  if (typeof given === 'string') return directory.people.has(given) ? given : null;
  const email = normaliseEmail(given.email);
  if (email === null) return null;
  for (const person of directory.people.values()) if (person.email === email) return person.id;
  return null;
}
