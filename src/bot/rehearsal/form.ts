/** src/bot/rehearsal/form.ts: a simulation as a person asks for it on a page: text that they typed, or a first guess. */
import type { SimulationAnswer, SimulationForm } from '../../adapters/simulation.ts';
import type { GateDefinition, Instant, Json } from '../../engine/definition.ts';
import type { FieldError } from '../../engine/request.ts';
import type { Config } from '../config/index.ts';
import { JsonError, parseJson } from '../http/json.ts';
import { JSON_DEPTH } from '../limits.ts';
import { plainlyAsked } from '../open.ts';
import type { HousePause } from '../pauses/house-pause.ts';
import { pauseNotes } from './pauses.ts';
import { sampleContext, sampleRequester } from './sample.ts';
import { MAX_VOTES, type RehearsedVote, simulate } from './simulate.ts';
import { momentOf, TIME_FORM } from './time.ts';
import { voteFrom } from './votes.ts';

/** Stands for the pipeline where none may open the gate. */
const NOBODY = 'simulation';

/** @param typed null: a first look, with a sample of what the gate asks for */
export function answerForm(
  config: Config,
  gate: GateDefinition,
  typed: SimulationForm | null,
  now: Instant,
  pauses: readonly HousePause[] = [],
): SimulationAnswer {
  const form = typed ?? sampleForm(gate, config);
  const errors: FieldError[] = [];
  const context = contextIn(form.context, errors);
  const at = form.at.trim() === '' ? now : momentOf(inUtc(form.at.trim()), now);
  if (at === null) errors.push({ path: 'at', message: TIME_FORM });
  const votes = at === null ? [] : votesIn(form.votes, at, errors);
  for (const key of ['requester', 'explain'] as const)
    if (form[key] !== '' && !config.directory.people.has(form[key]))
      errors.push({ path: key, message: 'is not a person in the directory' });
  if (errors.length > 0 || at === null) return { form, simulation: null, errors };
  const pipeline = config.pipelines.find(({ mayOpen }) => mayOpen(gate.name))?.name ?? NOBODY;
  const simulation = simulate(config, {
    gate,
    overrides: {},
    asked: plainlyAsked({
      title: null,
      requester: form.requester === '' ? null : form.requester,
      context,
    }),
    pipeline,
    notes: pauseNotes(pauses, gate.name, pipeline),
    at,
    votes,
    explain: form.explain === '' ? null : form.explain,
  });
  return { form, simulation, errors: [] };
}

const sampleForm = (gate: GateDefinition, { directory }: Config): SimulationForm => ({
  context: JSON.stringify(sampleContext(gate), null, 2),
  requester: sampleRequester(gate, directory) ?? '',
  at: '',
  votes: '',
  explain: '',
});

/** What a browser's field for date and time gives has no zone: it is taken as UTC, as the page says. */
const inUtc = (text: string): string => (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text) ? `${text}Z` : text);

function contextIn(text: string, errors: FieldError[]): Json {
  if (text.trim() === '') return {};
  try {
    const value = parseJson(Buffer.from(text), JSON_DEPTH);
    if (isJson(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    errors.push({ path: 'context', message: error.message });
  }
  return {};
}

/** It was JSON; the check tells the compiler. */
const isJson = (value: unknown): value is Json => value !== undefined && typeof value !== 'function';

function votesIn(text: string, at: Instant, errors: FieldError[]): readonly RehearsedVote[] {
  const lines = text.split(/[\n,]/).filter((line) => line.trim() !== '');
  if (lines.length > MAX_VOTES) errors.push({ path: 'votes', message: `may be ${MAX_VOTES} at most` });
  return lines.slice(0, MAX_VOTES).flatMap((line) => {
    const vote = voteFrom(line, at);
    if (typeof vote !== 'string') return [vote];
    errors.push({ path: 'votes', message: vote });
    return [];
  });
}
