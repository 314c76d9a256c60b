/** src/bot/chat/pausing.ts: pausing a gate, a pipeline or everything, letting it go on, and what is paused. */
import type { ChatReply } from '../../adapters/chat.ts';
import { pauseOf } from '../../engine/pauses.ts';
import type { Actor, RequestState } from '../../engine/request.ts';
import { nearest, suggestion } from '../config/index.ts';
import { TEXT } from '../limits.ts';
import { withPart } from '../parts.ts';
import type { HousePause, HouseScope, PauseClocks } from '../pauses/house-pause.ts';
import { byWhom, clocksWords, thatOf, whatOf } from '../pauses/words.ts';
import { shortened } from '../shortened.ts';
import { callOf } from './help.ts';
import { BATCH, LOOKED_AT } from './limits.ts';
import { firstOf, unquoted } from './line.ts';
import { gateMeant, leftOut, orderAll } from './many.ts';
import { nameOf } from './people.ts';
import { type Asking, counted, looking, text, usage } from './speaking.ts';

interface Line {
  /** As it was typed: a gate may be gone from the config and still have requests. */
  readonly scope: HouseScope;
  readonly reason: string;
  /** null: as the config says. */
  readonly clocks: PauseClocks | null;
}

/** `GATE`, `gate GATE`, `pipeline NAME` or `everything`, then `clocks:run` or `clocks:stop`, then a reason. */
function read(rest: string): Line | null {
  const [word, after] = firstOf(rest);
  const [name, more] = word === 'gate' || word === 'pipeline' ? firstOf(after) : [word, after];
  if (name === '') return null;
  const [first, others] = firstOf(more);
  const clocks = /^clocks:(stop|run)$/i.exec(first)?.[1]?.toLowerCase();
  const isRun = clocks === 'run';
  return {
    scope:
      word === 'pipeline'
        ? { kind: 'pipeline', pipeline: name }
        : word.toLowerCase() === 'everything'
          ? { kind: 'everything' }
          : { kind: 'gate', gate: name },
    reason: unquoted(clocks === undefined ? more : others),
    clocks: clocks === undefined ? null : isRun ? 'run' : 'stop',
  };
}

const itself = ({ person, kind }: Asking): Actor => ({ kind: 'person', person, via: kind, pipeline: null });

/** `pause GATE [REASON]`, `pause pipeline NAME [REASON]`, `pause everything REASON` */
export async function pause(asking: Asking, rest: string): Promise<ChatReply> {
  const line = read(rest);
  if (line === null || (line.scope.kind === 'everything' && line.reason === '')) return usage(asking.kind, 'pause');
  if (line.reason.length > TEXT.reason) return tooLong();
  const scope = meant(asking, line.scope);
  const reason = line.reason === '' ? null : line.reason;
  const { clocks } = line;
  const ordered = await asking.pauses.pause({ scope, by: itself(asking), reason, ...(clocks && { clocks }) });
  switch (ordered.kind) {
    case 'paused': {
      const { affected } = ordered;
      const requests = affected === null ? 'all its pending requests' : counted(affected, 'pending request');
      const goesOn = `${callOf(asking.kind)} resume ${wordsFor(scope)}`;
      return text(
        `${whatOf(scope)} is paused: that is about ${requests}, and about what is opened there from now on. Nobody can decide until it goes on, and nobody is reminded. ${clocksWords[ordered.pause.clocks]}. “${goesOn}” lets it go on.`,
      );
    }
    case 'alreadyPaused':
      return text(`${whatOf(scope)} is paused already, by ${whoAndWhy(asking, ordered.pause)}.`);
    case 'tooMany':
      return text('So many pauses are in force that no more can be kept apart. Please resume some first.');
    case 'notAllowed':
    case 'unknown':
      return scope.kind === 'gate' ? onlyMine(asking, 'pause', scope.gate, line) : adminsOnly(asking, scope, 'pause');
  }
}

/** `resume GATE [REASON]`, `resume pipeline NAME`, `resume everything` */
export async function resume(asking: Asking, rest: string): Promise<ChatReply> {
  const line = read(rest);
  if (line === null) return usage(asking.kind, 'resume');
  if (line.reason.length > TEXT.reason) return tooLong();
  const scope = meant(asking, line.scope);
  const standing = asking.pauses.inForceFor(scope);
  const isMine = asking.pauses.mayPause(itself(asking), scope);
  if (scope.kind !== 'gate' && !isMine) return adminsOnly(asking, scope, 'resume');
  const [first] = standing;
  if (first === undefined)
    return scope.kind === 'gate'
      ? onlyMine(asking, 'resume', scope.gate, line)
      : text(`${whatOf(scope)} is not paused.${alsoPaused(asking)}`);
  if (!isMine)
    return text(
      `${whatOf(scope)} is paused by ${whoAndWhy(asking, first)}. Its owners, its approvers and the admins can let it go on.`,
    );
  const reason = line.reason === '' ? null : line.reason;
  let affected: number | null = null;
  for (const { id } of standing) {
    const ordered = await asking.pauses.resume({ id, by: itself(asking), reason });
    if (ordered.kind === 'resumed') affected = ordered.affected;
  }
  const requests = affected === null ? 'All its pending requests' : counted(affected, 'pending request');
  const moved = first.clocks === 'stop' ? ' Deadlines and target times have moved by as long as it was paused.' : '';
  return text(
    `${whatOf(scope)} goes on. ${requests} can be decided again, unless paused otherwise; nothing is caught up on in a rush.${moved}${alsoPaused(asking)}`,
  );
}

/** `pauses` */
export function pauses(asking: Asking): ChatReply {
  const all = asking.pauses.list(false);
  if (all.length === 0) return text('Nothing is paused but what single requests say themselves.');
  const lines = all.slice(0, LISTED).map((pause) => {
    const progress = asking.pauses.progressOf(pause.id);
    const left = progress === null || progress.left === null ? '' : ` ${counted(progress.left)} still to be shown so.`;
    return `• ${whatOf(pause.scope)}: paused by ${whoAndWhy(asking, pause)}. ${clocksWords[pause.clocks]}.${left}`;
  });
  const more = all.length > LISTED ? `\n${all.length - LISTED} more` : '';
  return text(lines.join('\n') + more);
}

/** Lines of a reply: with reasons cut short they fit any message. */
const LISTED = 15;

const tooLong = (): ChatReply => text(`A reason may have at most ${TEXT.reason} characters. Nothing was done.`);

/** The gate as the config writes it, where it has one like that. */
const meant = (asking: Asking, scope: HouseScope): HouseScope =>
  scope.kind === 'gate' ? { kind: 'gate', gate: gateMeant(asking, scope.gate) ?? scope.gate } : scope;

const wordsFor = (scope: HouseScope): string => {
  if (scope.kind === 'everything') return 'everything';
  return scope.kind === 'pipeline' ? `pipeline ${scope.pipeline}` : scope.gate;
};

function whoAndWhy({ directory }: Asking, { by, at, reason }: HousePause): string {
  const since = `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const why = reason === null ? '' : ` (${shortened(reason.replace(/\s+/gu, ' '), 200)})`;
  return `${byWhom(by, directory())} since ${since}${why}`;
}

/** What else keeps a request from going on. */
function alsoPaused(asking: Asking): string {
  const [other] = asking.pauses.list(false).filter(({ scope }) => scope.kind === 'everything');
  return other === undefined ? '' : ` But ${thatOf(other.scope)} is paused, by ${whoAndWhy(asking, other)}.`;
}

function adminsOnly(asking: Asking, scope: HouseScope, verb: 'pause' | 'resume'): ChatReply {
  const { config, directory, person, kind } = asking;
  const by: Actor = { kind: 'person', person, via: kind, pipeline: null };
  if (scope.kind === 'pipeline' && asking.pauses.mayPause(by, scope)) {
    const names = config().pipelines.map(({ name }) => name);
    const hint = nearest(scope.pipeline, names);
    const like = hint === null ? '' : ` Did you mean “${hint}”?`;
    return text(`There is no pipeline “${shortened(scope.pipeline, 64)}”.${like}`);
  }
  const people = config().admins.map((ref) => nameOf(ref, directory()));
  const who = people.length === 0 ? 'the config names none yet (“admins”)' : people.slice(0, 5).join(', ');
  return text(`Only the admins can ${verb} ${thatOf(scope)}: ${who}. Nothing was done.`);
}

/**
 * For whoever may not pause the gate, and for a gate that is gone from the config: those of its pending requests that the
 * person has a part in, each paused or resumed by itself, as the engine has it.
 */
async function onlyMine(asking: Asking, verb: 'pause' | 'resume', gate: string, line: Line): Promise<ChatReply> {
  const { kind, store, person, config } = asking;
  const isPausing = verb === 'pause';
  const { today } = looking(asking);
  const { requests, next } = await withPart(store, person, today, {
    filter: { status: 'pending', gate },
    wanted: (state) => isPausedAlone(state) !== isPausing,
    size: BATCH,
    most: LOOKED_AT,
  });
  if (requests.length === 0) {
    const hint = config().gates.has(gate) ? '' : suggestion(gate, config().gates.keys()).replace(/^, d/, ' D');
    const state = isPausing ? 'pending' : 'paused';
    return text(`Nothing is ${state} at “${shortened(gate, 64)}” that you have a part in.${hint}`);
  }
  const by: Actor = { kind: 'person', person, via: kind, pipeline: null };
  const clocks = (line.clocks ?? config().pauseClocks) === 'run' ? ({ clocks: 'run' } as const) : {};
  const reason = line.reason === '' ? null : line.reason;
  const tally = await orderAll(asking, requests, () =>
    isPausing ? { type: 'pause', by, reason, ...clocks } : { type: 'resume', by },
  );
  const did = `${isPausing ? 'Paused' : 'Resumed'} ${counted(tally.done)} at ${gate}.${leftOut(tally, next !== null)}`;
  const note = isPausing && config().gates.has(gate) ? ' The gate itself stays open for others.' : '';
  return text(did + note);
}

const isPausedAlone = (state: RequestState): boolean =>
  state.status === 'pending' && pauseOf(state, undefined) !== null;
