/** src/adapters/web/style-frame.ts: colours, type, the frame and the controls. Light and dark; both keep AA contrast. */
export const frame = `
:root {
  color-scheme: light dark;
  --canvas: #f5f6f8; --card: #fff; --raised: #f8f9fb; --ink: #161a20; --muted: #576070; --line: #dfe3e9; --line-strong: #8b95a5;
  --link: #1b57b5; --focus: #1b57b5;
  --go: #14724b; --go-hover: #0f5c3c; --go-ink: #fff; --go-soft: #e5f4ec; --go-text: #0f5c3c;
  --stop: #b3261e; --stop-soft: #fcebea; --stop-text: #9a1b14;
  --wait: #7a4d00; --wait-soft: #fff3da; --wait-line: #e6c47c;
  --shadow: 0 1px 2px rgb(20 26 32 / .05), 0 4px 16px rgb(20 26 32 / .05);
  --radius: 14px;
}
@media (prefers-color-scheme: dark) {
  :root {
    --canvas: #0e1116; --card: #171b22; --raised: #1d222a; --ink: #e9ecf1; --muted: #a0a9b7; --line: #2b323c; --line-strong: #6f7a8a;
    --link: #8cb8ff; --focus: #8cb8ff;
    --go: #3fbf86; --go-hover: #59d19b; --go-ink: #04170e; --go-soft: #12291f; --go-text: #74d9a9;
    --stop: #ff8a80; --stop-soft: #331a19; --stop-text: #ffa79f;
    --wait: #f3c669; --wait-soft: #2d2413; --wait-line: #6b5521;
    --shadow: none;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-bottom: 12rem; }
body {
  margin: 0; background: var(--canvas); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif;
  overflow-wrap: anywhere;
}
h1, h2, h3, h4, h5, h6, p, ul, ol, dl, dd, blockquote, pre, fieldset { margin: 0; padding: 0; }
h1 { font-size: clamp(1.45rem, 1.2rem + 1.4vw, 2rem); line-height: 1.2; letter-spacing: -.015em; font-weight: 680; text-wrap: pretty; }
h2 { font-size: 1.05rem; line-height: 1.35; font-weight: 650; }
h3 { font-size: .95rem; line-height: 1.4; font-weight: 620; }
a { color: var(--link); text-underline-offset: .18em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
code, pre { font: .875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
fieldset { border: 0; min-width: 0; }
legend { padding: 0; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 6px; }
main:focus { outline: none; }
.muted, .help, .optional { color: var(--muted); }
.muted, .help { font-size: .9rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 1rem; top: -6rem; z-index: 9; background: var(--card); padding: .6rem 1rem; border-radius: 8px; }
.skip:focus { top: .6rem; }

.top { display: flex; align-items: center; justify-content: space-between; gap: 1rem; max-width: 72rem; margin: 0 auto; padding: .8rem 1rem; }
.brand { display: inline-flex; align-items: center; gap: .55rem; font-weight: 680; letter-spacing: -.01em; color: var(--ink); text-decoration: none; }
.seal circle { fill: var(--go); }
.seal path { fill: none; stroke: var(--go-ink); stroke-width: 2.6; stroke-linecap: round; stroke-linejoin: round; }
.who { display: flex; align-items: center; gap: .4rem; min-width: 0; }
.who-name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 11rem; color: var(--muted); font-size: .9rem; }
main { max-width: 72rem; margin: 0 auto; padding: .5rem 1rem 4rem; }
.narrow { max-width: 34rem; }
.narrow > * + * { margin-top: 1rem; }

.card { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); padding: 1.15rem; box-shadow: var(--shadow); }
.card > * + * { margin-top: .9rem; }
.callout, .message, .notice { border-radius: 10px; padding: .7rem .9rem; font-size: .95rem; }
.callout { background: var(--wait-soft); color: var(--ink); border: 1px solid var(--wait-line); }
.banner { background: var(--wait-soft); color: var(--ink); border: 1px solid var(--wait-line); border-left-width: 5px; border-radius: 10px; padding: .8rem 1rem; }
.banner > * + * { margin-top: .35rem; }
.pauses { max-width: 46rem; }
.pauses > * + *, .pauses section > * + * { margin-top: 1.1rem; }
.notice { background: var(--raised); border: 1px solid var(--line); color: var(--muted); }
.message.done { background: var(--go-soft); border: 1px solid var(--go); }
.message.refused { background: var(--stop-soft); border: 1px solid var(--stop); }
.message ul { padding-left: 1.2rem; }
.empty { color: var(--muted); padding: 1.4rem 1rem; text-align: center; border: 1px dashed var(--line-strong); border-radius: var(--radius); }

button, .button {
  appearance: none; font: inherit; font-weight: 600; line-height: 1.25; cursor: pointer; text-align: center;
  min-height: 2.9rem; padding: .7rem .85rem; border-radius: 10px; text-wrap: balance; border: 1.5px solid var(--line-strong);
  background: var(--card); color: var(--ink); display: inline-flex; align-items: center; justify-content: center;
  transition: background-color .12s, border-color .12s;
}
button:hover, .button:hover { background: var(--raised); border-color: var(--ink); }
.primary { background: var(--go); border-color: var(--go); color: var(--go-ink); }
.primary:hover { background: var(--go-hover); border-color: var(--go-hover); }
.accent { border-color: var(--go); color: var(--go-text); }
.accent:hover { background: var(--go-soft); border-color: var(--go); }
.danger { border-color: var(--stop); color: var(--stop-text); }
.danger:hover { background: var(--stop-soft); border-color: var(--stop); }
.quiet { min-height: 2.4rem; padding: .4rem .7rem; border-color: transparent; background: transparent; color: var(--muted); font-weight: 500; font-size: .9rem; }
.quiet:hover { color: var(--ink); background: var(--raised); border-color: var(--line); }

.stack > * + *, .field > * + *, .panel > * + * { margin-top: .35rem; }
.stack > .field, .stack > .confirm, .stack > button { margin-top: .9rem; }
.stack > input[type=hidden] + * { margin-top: 0; }
label, legend { font-weight: 560; font-size: .95rem; }
.optional { font-weight: 400; }
input:not([type=checkbox]):not([type=radio]):not([type=hidden]), select, textarea {
  display: block; width: 100%; font: inherit; color: inherit; background: var(--card); min-height: 2.9rem;
  border: 1px solid var(--line-strong); border-radius: 9px; padding: .6rem .75rem;
}
textarea { resize: vertical; field-sizing: content; max-height: 24rem; }
input:focus-visible, select:focus-visible, textarea:focus-visible { outline-offset: 0; border-radius: 9px; }
::placeholder { color: var(--muted); opacity: 1; }
.check { display: flex; align-items: flex-start; gap: .6rem; font-weight: 450; padding: .45rem 0; min-height: 2.75rem; }
.check input { flex: none; width: 1.25rem; height: 1.25rem; margin: .12rem 0 0; accent-color: var(--go); }
[aria-invalid=true] { border-color: var(--stop) !important; }
.error { color: var(--stop-text); font-size: .9rem; font-weight: 560; }
.error::before { content: '✕ '; }
summary { cursor: pointer; border-radius: 8px; }
summary::marker { color: var(--muted); }

.badges { display: flex; flex-wrap: wrap; gap: .4rem; }
.badge { display: inline-flex; align-items: center; gap: .4rem; font-size: .8rem; font-weight: 620; line-height: 1.2; padding: .32rem .65rem; border-radius: 99px; border: 1px solid var(--line); color: var(--muted); background: var(--raised); }
.badge::before { content: ''; width: .5rem; height: .5rem; border-radius: 50%; background: currentColor; }
.badge.pending, .badge.paused, .badge.bypassed, .badge.sla-warned { background: var(--wait-soft); color: var(--wait); border-color: var(--wait-line); }
.badge.pending::before { background: none; border: 2px solid currentColor; }
.badge.approved { background: var(--go-soft); color: var(--go-text); border-color: transparent; }
.badge.bypassed::before { content: '!'; background: none; width: auto; height: auto; }
.badge.approved::before { content: '✓'; background: none; width: auto; height: auto; }
.badge.rejected, .badge.sla-breached { background: var(--stop-soft); color: var(--stop-text); border-color: transparent; }
.badge.rejected::before { content: '✕'; background: none; width: auto; height: auto; }
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { transition: none !important; animation: none !important; scroll-behavior: auto !important; } }
@media print { .skip, .who, .decide form, .more { display: none; } }
`;
