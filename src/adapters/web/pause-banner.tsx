/** src/adapters/web/pause-banner.tsx: says at the top of a page that what it is about stands still, since when and why. */
import type { VNode } from 'preact';
import { visible } from '../text.ts';
import { Time, User } from './layout.tsx';
import type { PauseView } from './pauses.ts';

/** More would push the page itself out of sight; the page of pauses has them all. */
const SHOWN = 3;

export function PauseBanner({ pauses }: { readonly pauses: readonly PauseView[] }): VNode | null {
  if (pauses.length === 0) return null;
  return (
    <aside class="banner" aria-label="Paused">
      {pauses.slice(0, SHOWN).map((pause) => (
        <p>
          <PauseSentence pause={pause} />
        </p>
      ))}
      <p class="muted">
        {pauses.length > SHOWN ? `${pauses.length - SHOWN} more. ` : ''}
        <a href="/pauses">See what is paused</a>
      </p>
    </aside>
  );
}

/** "Everything is paused by Mia Chen since …: Incident 4711" */
export function PauseSentence({ pause }: { readonly pause: PauseView }): VNode {
  return (
    <>
      <strong>{visible(pause.what)} is paused</strong> by <User name={pause.by} /> since <Time at={pause.at} />
      {pause.reason === null ? null : (
        <>
          : <bdi>{visible(pause.reason)}</bdi>
        </>
      )}
    </>
  );
}
