/** src/adapters/slack/render/fallback.ts: the whole decision in words, for notifications and screen readers. */
import type { RequestView } from '../../../engine/view.ts';
import { stateOf } from '../../words.ts';
import { DRAWN } from './limits.ts';
import { line, ownLink, shorten, utc } from './text.ts';

/** At most `DRAWN.fallbackText` characters of mrkdwn: our words and the link always, the others cut to what is left. */
export function fallback(view: RequestView, link: string): string {
  const end = ` ${line(view.id, 100)} ${link.length < 400 ? ownLink(link, 'Open the request') : ''}`.trimEnd();
  const room = DRAWN.fallbackText - end.length;
  return `${line(words(view), room)}${end}`;
}

function words(view: RequestView): string {
  const { outcome } = view;
  if (outcome !== null) {
    const why = outcome.reason === null ? '' : `, because “${shorten(outcome.reason, 200)}”`;
    return `${shorten(outcome.sentence, 200)}${why}: ${shorten(view.title, 250)}. ${utc(outcome.at)}, gate ${shorten(view.gate, 80)}.`;
  }
  const who = view.requester === null ? 'asks' : `says ${shorten(view.requester.name, 80)} asks`;
  const standing =
    view.paused?.sentence ?? (view.held === null ? null : `${view.held.sentence}, ${utc(view.held.until)}`);
  const silence =
    view.silence === null
      ? ''
      : ` ${shorten(view.silence.sentence, 150)}${view.silence.at === null ? '' : `: ${utc(view.silence.at)}`}.`;
  return [
    `${stateOf(view)}: ${shorten(view.title, 250)}. The pipeline ${shorten(view.pipeline, 60)} ${who} at gate ${shorten(view.gate, 80)}.`,
    standing === null ? '' : ` ${shorten(standing, 150)}.`,
    view.progress === '' ? '' : ` ${shorten(view.progress, 200)}.`,
    silence,
  ].join('');
}
