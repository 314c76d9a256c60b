/**
 * src/adapters/web/script.ts: what runs in the browser, as one small file: times in the reader's own zone, and a page
 * that follows its request. Everything works without it. Kept as a string, since the build copies nothing but compiled
 * TypeScript.
 */
export const script = String.raw`'use strict';

// Times: "in 3 hours (18:24)" in the reader's own zone and language order.

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const STEPS = [['second', 60], ['minute', 60], ['hour', 24], ['day', 7], ['week', 4.35], ['month', 12], ['year', Infinity]];

function inWords(milliseconds) {
  let amount = milliseconds / 1000;
  if (Math.abs(amount) < 45) return amount < 0 ? 'just now' : 'in a moment';
  for (const [unit, size] of STEPS) {
    if (Math.abs(amount) < size * 0.95) return relative.format(Math.round(amount), unit);
    amount /= size;
  }
  return '';
}

function clock(at, now) {
  const isToday = at.toDateString() === now.toDateString();
  const isThisYear = at.getFullYear() === now.getFullYear();
  return new Intl.DateTimeFormat(undefined, {
    ...(isToday ? {} : { weekday: 'short', day: 'numeric', month: 'short' }),
    ...(isThisYear ? {} : { year: 'numeric' }),
    hour: 'numeric',
    minute: '2-digit',
  }).format(at);
}

function showTimes() {
  const now = new Date();
  for (const time of document.querySelectorAll('time[datetime]')) {
    const at = new Date(time.dateTime);
    const words = inWords(at - now) + ' (' + clock(at, now) + ')';
    if (time.textContent !== words) time.textContent = words;
    time.title = at.toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' });
  }
}

// What a person has typed, opened and is looking at survives when the page is brought up to date.

const keyOf = (control) =>
  [control.form?.id ?? '', control.name, control.type === 'checkbox' || control.type === 'radio' ? control.value : ''].join('\n');

// A fresh page comes empty, so whatever is not empty was put there by the person.
function isFilled(control) {
  if (control.type === 'checkbox' || control.type === 'radio') return control.checked;
  return control.tagName === 'SELECT' ? control.selectedIndex > 0 : control.value !== '';
}

const controlsOf = (root) => [...root.querySelectorAll('input:not([type=hidden]), select, textarea')];

function remember(root) {
  const active = document.activeElement;
  const hasSelection = active && typeof active.selectionStart === 'number';
  return {
    typed: controlsOf(root).filter(isFilled).map((control) => [keyOf(control), control.value, control.checked]),
    open: [...root.querySelectorAll('details[id]')].map((details) => [details.id, details.open]),
    focus: active && root.contains(active) ? active.id || (active.closest('details')?.id ?? '') : '',
    focusName: active && root.contains(active) && !active.id ? active.textContent : null,
    selection: hasSelection ? [active.selectionStart, active.selectionEnd] : null,
  };
}

/** Returns the texts that no longer have a place. */
function restore(root, kept) {
  const controls = new Map(controlsOf(root).map((control) => [keyOf(control), control]));
  const homeless = [];
  for (const [key, value, checked] of kept.typed) {
    const control = controls.get(key);
    if (!control) {
      if (!checked) homeless.push(value);
    } else if (control.type === 'checkbox' || control.type === 'radio') control.checked = checked;
    else control.value = value;
  }
  for (const [id, open] of kept.open) {
    const details = document.getElementById(id);
    if (details && root.contains(details) && details.open !== open) details.open = open;
  }
  let target = kept.focus ? document.getElementById(kept.focus) : null;
  if (kept.focusName !== null) {
    const within = target ?? root;
    target = [...within.querySelectorAll('a, button, summary')].find((one) => one.textContent === kept.focusName) ?? null;
  }
  if (target && root.contains(target)) {
    target.focus({ preventScroll: true });
    if (kept.selection) {
      try { target.setSelectionRange(...kept.selection); } catch { /* not a text control any more */ }
    }
  } else if (kept.focus || kept.focusName !== null) root.focus({ preventScroll: true });
  return homeless.filter((text) => text.trim() !== '');
}

function keepTexts(root, texts) {
  if (texts.length === 0) return;
  const box = document.createElement('div');
  box.className = 'message refused';
  const words = document.createElement('p');
  words.textContent = 'The request changed while you were writing. Your text was not sent; here it is:';
  box.append(words);
  for (const text of texts) {
    const said = document.createElement('p');
    said.className = 'said';
    said.textContent = text;
    box.append(said);
  }
  root.querySelector('header')?.after(box);
}

// Nothing moves under a finger or inside an unfinished word.

let isPressed = false;
let isComposing = false;
const busy = () => isPressed || isComposing;
let whenIdle = null;
function idle() {
  if (!busy() && whenIdle) {
    const act = whenIdle;
    whenIdle = null;
    act();
  }
}
addEventListener('pointerdown', () => { isPressed = true; });
for (const name of ['pointerup', 'pointercancel', 'blur'])
  addEventListener(name, () => setTimeout(() => { isPressed = false; idle(); }, 50));
addEventListener('compositionstart', () => { isComposing = true; });
addEventListener('compositionend', () => { isComposing = false; idle(); });

// A page that is being left, by a form on its way, is left alone.
let isLeaving = false;
addEventListener('submit', (event) => {
  if (event.target.method !== 'post') return;
  if (isLeaving) event.preventDefault(); // the second click of a double click
  isLeaving = true;
});
addEventListener('pageshow', () => { isLeaving = false; });

const main = () => document.querySelector('main[data-url]');

async function refresh(version) {
  const before = main();
  if (!before || isLeaving || Number(before.dataset.version) >= version) return;
  const answer = await fetch(before.dataset.url, { headers: { accept: 'text/html' }, redirect: 'error' });
  if (answer.status === 401) { location.assign(before.dataset.url); return; }
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const after = page.querySelector('main[data-url]');
  if (!after) return;
  const swap = () => {
    const current = main();
    if (!current || isLeaving || Number(current.dataset.version) >= Number(after.dataset.version)) return;
    const kept = remember(current);
    const scroll = [scrollX, scrollY];
    current.replaceWith(document.adoptNode(after));
    document.title = page.title;
    keepTexts(after, restore(after, kept));
    showTimes();
    scrollTo(...scroll);
    document.getElementById('live').textContent = 'Updated: ' + after.dataset.summary;
  };
  if (busy()) whenIdle = swap;
  else swap();
}

let stream = null;
let again = 0;
function follow() {
  const page = main();
  if (!page || stream || document.hidden) return;
  stream = new EventSource(page.dataset.url + '/live');
  stream.addEventListener('version', (event) => refresh(JSON.parse(event.data).version).catch(() => {}));
  stream.addEventListener('error', () => {
    if (stream.readyState !== EventSource.CLOSED) return; // it tries again by itself
    stop();
    clearTimeout(again);
    again = setTimeout(follow, 30000);
  });
}
function stop() {
  stream?.close();
  stream = null;
}
// Browsers allow few connections to one host: a page nobody looks at gives its own back.
document.addEventListener('visibilitychange', () => (document.hidden ? stop() : follow()));
addEventListener('pagehide', stop);
addEventListener('pageshow', follow);

if (main() && location.pathname !== main().dataset.url) history.replaceState(null, '', main().dataset.url);
showTimes();
setInterval(showTimes, 15000);
follow();
const wrong = document.querySelector('[aria-invalid=true]') ?? document.querySelector('#message.refused');
wrong?.focus();
`;
