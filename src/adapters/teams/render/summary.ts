/** src/adapters/teams/render/summary.ts: the decision in plain words, for notifications and for what can't draw a card. */
import type { RequestView } from '../../../engine/view.ts';
import { markOf, stateOf } from '../../words.ts';
import { DRAWN } from './limits.ts';
import { line, moment, shorten } from './text.ts';

/** For an activity's `summary`: without one, Teams' notification says only that a card was sent. */
export function summary(view: RequestView): string {
  const state = view.outcome === null ? stateOf(view) : shorten(view.outcome.sentence, 120);
  return line(`${markOf(view)} ${state}: ${shorten(view.title, 150)}`, DRAWN.summary);
}

/** At most `DRAWN.fallbackText` characters: our words and the link always, the others cut to what is left. */
export function fallback(view: RequestView, link: string): string {
  const end = ` ${line(view.id, 100)}${link.length < 400 ? ` ${link}` : ''}`;
  return `${line(sentences(view), DRAWN.fallbackText - end.length)}${end}`;
}

function sentences(view: RequestView): string {
  const { outcome } = view;
  if (outcome !== null) {
    const why = outcome.reason === null ? '' : `, because “${shorten(outcome.reason, 200)}”`;
    return `${shorten(outcome.sentence, 200)}${why}: ${shorten(view.title, 250)}. ${moment(outcome.at)}, gate ${shorten(view.gate, 80)}.`;
  }
  const who = view.requester === null ? 'asks' : `says ${shorten(view.requester.name, 80)} asks`;
  const standing =
    view.paused?.sentence ?? (view.held === null ? null : `${view.held.sentence}, ${moment(view.held.until)}`);
  const silence =
    view.silence === null
      ? ''
      : ` ${shorten(view.silence.sentence, 150)}${view.silence.at === null ? '' : `: ${moment(view.silence.at)}`}.`;
  return [
    `${stateOf(view)}: ${shorten(view.title, 250)}. The pipeline ${shorten(view.pipeline, 60)} ${who} at gate ${shorten(view.gate, 80)}.`,
    standing === null ? '' : ` ${shorten(standing, 150)}.`,
    view.progress === '' ? '' : ` ${shorten(view.progress, 200)}.`,
    silence,
  ].join('');
}
