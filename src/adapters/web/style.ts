/**
 * src/adapters/web/style.ts: the style sheet, phone width first. Kept as a string, since the build copies nothing but
 * compiled TypeScript; no style stands in the pages themselves, so that the CSP can forbid it.
 */
import { frame } from './style-frame.ts';
import { figures } from './style-stats.ts';
import { timelines } from './timeline-style.ts';

const pages = `
.request { display: flex; flex-direction: column; gap: 1.1rem; }
.asked > * + * { margin-top: .55rem; }
.crumbs { font-size: .9rem; color: var(--muted); }
.body { display: grid; gap: 1.1rem; min-width: 0; grid-template-columns: minmax(0, 1fr); }
.by-whom { font-weight: 450; font-size: .85rem; color: var(--muted); margin-left: .35rem; }
.facts { display: grid; gap: .1rem; }
.facts > div { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 5fr); gap: .2rem 1rem; padding: .45rem 0; border-bottom: 1px solid var(--line); }
.facts > div:last-child { border-bottom: 0; }
.facts dt { color: var(--muted); font-size: .92rem; }
.facts.small { font-size: .9rem; }
.facts.small > div { padding: .2rem 0; border: 0; }
.said { white-space: pre-wrap; unicode-bidi: plaintext; }
.prose { border-left: 3px solid var(--line); padding-left: .95rem; }
.prose > * + *, .prose li > * + *, .prose blockquote > * + * { margin-top: .6rem; }
.prose ul, .prose ol { padding-left: 1.4rem; }
.prose pre { background: var(--raised); border: 1px solid var(--line); border-radius: 9px; padding: .7rem .85rem; overflow-x: auto; overflow-wrap: normal; }
.prose :not(pre) > code { background: var(--raised); border: 1px solid var(--line); border-radius: 5px; padding: .05em .3em; }
.prose blockquote { border-left: 3px solid var(--line-strong); padding-left: .8rem; color: var(--muted); }
.prose table { display: block; overflow-x: auto; border-collapse: collapse; font-size: .92rem; }
.prose th, .prose td { border: 1px solid var(--line); padding: .35rem .6rem; text-align: start; min-width: 4rem; }
.prose hr { border: 0; border-top: 1px solid var(--line); }
.goes-to { color: var(--muted); font-size: .85em; }
.things { list-style: none; display: grid; gap: .6rem; margin-top: .4rem; }
.hash { display: block; color: var(--muted); font-size: .8rem; }
.digest { color: var(--muted); font-size: .8rem; padding: 0 .2rem; }
.digest code { font-size: .95em; }
.plain-list { padding-left: 1.2rem; }
.plain-list > li + li { margin-top: .3rem; }

.decide { border-color: var(--line-strong); }
.votes { display: flex; flex-wrap: wrap; gap: .6rem; align-items: flex-start; }
.votes > details, .votes .buttons > button { flex: 1 1 auto; min-width: 8.5rem; max-width: 100%; }
.one-click, .one-click > .buttons { display: contents; }
.votes > details[open], .one-click > .add-reason { flex-basis: 100%; }
.votes > details[open] { order: 5; }
.one-click > .add-reason { order: 9; }
.votes summary.button, .change > summary { width: 100%; list-style: none; }
.votes summary.button::-webkit-details-marker, .change > summary::-webkit-details-marker { display: none; }
.option[open] > summary { border-style: dashed; background: transparent; color: var(--muted); border-color: var(--line-strong); }
.change[open] > summary { margin-bottom: .7rem; color: var(--muted); }
.panel { margin-top: .7rem; padding: .95rem; border: 1px solid var(--line); border-radius: 11px; background: var(--raised); }
.panel > button { width: 100%; }
.panel > button.danger { background: var(--stop); border-color: var(--stop); color: var(--card); }
.confirm { font-weight: 560; }
.add-reason { font-size: .95rem; }
.add-reason > summary { padding: .2rem; color: var(--muted); font-size: .9rem; }
.add-reason[open] > summary { margin-bottom: .4rem; }
.my-vote { border-left: 4px solid var(--go); padding: .15rem 0 .15rem .8rem; }
.my-vote.rejected { border-color: var(--stop); }
.withdraw { margin-top: .3rem; }
.progress-line { font-size: .95rem; }
.silence { font-size: .92rem; color: var(--muted); }
.silence .when { color: var(--ink); white-space: nowrap; }
.ending { border-width: 1.5px; }
.ending.approved { border-color: var(--go); background: linear-gradient(var(--go-soft), var(--card) 6rem); }
.ending.rejected { border-color: var(--stop); background: linear-gradient(var(--stop-soft), var(--card) 6rem); }
.ending h2 { font-size: 1.3rem; }
.ending.bypassed { border-color: var(--wait); background: linear-gradient(var(--wait-soft), var(--card) 6rem); }
.ending.bypassed h2 { color: var(--wait); }
.ending.approved h2 { color: var(--go-text); }
.ending.rejected h2 { color: var(--stop-text); }
.ending .sentence { font-weight: 560; }

.stages { list-style: none; display: grid; gap: 0; }
.stage { position: relative; padding: 0 0 1.2rem 1.9rem; }
.stage > * + * { margin-top: .55rem; }
.stage:last-child { padding-bottom: 0; }
.stage::before { content: ''; position: absolute; left: 0; top: .15rem; width: 1.15rem; height: 1.15rem; border-radius: 50%; border: 2px solid var(--line-strong); background: var(--card); font: 700 .75rem/1 system-ui, sans-serif; display: grid; place-items: center; z-index: 1; }
.stage:not(:last-child)::after { content: ''; position: absolute; left: calc(.575rem - 1px); top: 1.2rem; bottom: -.15rem; width: 2px; background: var(--line); }
.stage.open::before { border-color: var(--wait); box-shadow: inset 0 0 0 3px var(--card); background: var(--wait); }
.stage.passed::before { content: '✓'; background: var(--go); border-color: var(--go); color: var(--go-ink); }
.stage.rejected::before { content: '✕'; background: var(--stop); border-color: var(--stop); color: var(--card); }
.stage.skipped h3, .stage.waiting h3, .stage.over h3 { color: var(--muted); }
.state { font-weight: 450; font-size: .85rem; color: var(--muted); margin-left: .3rem; }
.rule > * + * { margin-top: .35rem; }
.rule .count { font-size: .92rem; }
.rule .people { font-size: .92rem; color: var(--muted); }
.bar { display: flex; gap: 4px; max-width: 22rem; }
.bar span { flex: 1; height: .5rem; border-radius: 99px; background: var(--line); }
.bar .filled { background: var(--go); }
.bar .lost { background: var(--stop-soft); }
.whole-bar { display: block; width: 100%; max-width: 22rem; height: .5rem; border: 0; border-radius: 99px; overflow: hidden; background: var(--line); appearance: none; }
.whole-bar::-webkit-progress-bar { background: var(--line); }
.whole-bar::-webkit-progress-value { background: var(--go); }
.whole-bar::-moz-progress-bar { background: var(--go); }
.votes-cast { list-style: none; display: grid; gap: .5rem; }
.vote { padding-left: .8rem; border-left: 3px solid var(--go); }
.vote.rejected { border-color: var(--stop); }
.vote.discounted { border-color: var(--line-strong); border-left-style: dashed; }
.vote.approved .choice { color: var(--go-text); font-weight: 620; }
.vote.rejected .choice { color: var(--stop-text); font-weight: 620; }
.vote blockquote { margin-top: .2rem; white-space: pre-wrap; }
.vote blockquote::before { content: '“'; }
.vote blockquote::after { content: '”'; }
.said-list { list-style: none; display: grid; gap: .9rem; }
.said-by { font-size: .9rem; color: var(--muted); }
.said-by strong { color: var(--ink); }
.answer { margin: .5rem 0 0 .2rem; padding-left: .8rem; border-left: 3px solid var(--line); }
.question.waiting { border-left: 3px solid var(--wait); padding-left: .8rem; }
.more { display: grid; }
.more > details { border-top: 1px solid var(--line); }
.more > details:first-child { border-top: 0; }
.more summary { padding: .8rem .2rem; font-weight: 520; }
.more .panel { margin: 0 0 .9rem; }

.inbox > * + * { margin-top: 1.4rem; }
.search { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; margin-top: 1rem; }
.search input { flex: 1 1 12rem; width: auto; min-width: 0; }
.how-many { display: inline-block; min-width: 1.6em; padding: 0 .45em; border-radius: 99px; background: var(--line); font-size: .85rem; text-align: center; }
.requests { list-style: none; display: grid; gap: .7rem; margin-top: .7rem; }
.entry { position: relative; padding: 1rem 1.15rem; }
.entry > * + * { margin-top: .4rem; }
.entry h3 { font-size: 1.05rem; }
.entry h3 a { color: var(--ink); text-decoration: none; }
.entry h3 a::after { content: ''; position: absolute; inset: 0; border-radius: var(--radius); }
.entry:hover { border-color: var(--line-strong); }
.entry:hover h3 a { text-decoration: underline; text-decoration-thickness: 1px; }
.entry h3 a:focus-visible { outline: none; }
.entry h3 a:focus-visible::after { outline: 3px solid var(--focus); outline-offset: 2px; }
.entry p { font-size: .93rem; }
#waiting-title .how-many { background: var(--wait-soft); color: var(--wait); outline: 1px solid var(--wait-line); }
.pager { display: flex; justify-content: space-between; gap: 1rem; }
.pager a { padding: .6rem 0; }
.pick { display: grid; gap: .6rem; }
.pick legend { margin-bottom: .6rem; font-size: 1.05rem; }
.person { justify-content: flex-start; text-align: start; gap: .8rem; width: 100%; }
.person .muted { display: block; font-weight: 400; }
.initials { flex: none; display: grid; place-items: center; width: 2.4rem; height: 2.4rem; border-radius: 50%; background: var(--go-soft); color: var(--go-text); font-size: .85rem; }

@media (max-width: 59.99rem) {
  .decide { order: 2; }
  .decide.can-vote {
    position: sticky; bottom: 0; z-index: 5; margin: 0 -1rem -4rem; border-radius: var(--radius) var(--radius) 0 0; border-width: 1px 0 0;
    padding: .9rem 1rem calc(.9rem + env(safe-area-inset-bottom)); max-height: 80dvh; overflow-y: auto; box-shadow: 0 -6px 24px rgb(0 0 0 / .14);
  }
  .decide.can-vote > * + * { margin-top: .6rem; }
  .decide.can-vote > h2 { position: absolute; clip-path: inset(50%); }
  .decide.can-vote > h2 + * { margin-top: 0; }
  .decide.can-vote .silence { font-size: .85rem; }
  .decide:not(.can-vote) { order: 0; }
}
@media (min-width: 60rem) {
  html { scroll-padding-bottom: 2rem; }
  .request { display: grid; grid-template-columns: minmax(0, 1fr) 23rem; gap: 0 1.75rem; align-items: start; grid-template-rows: auto auto 1fr; }
  .asked { grid-column: 1; grid-row: 1; padding-bottom: 1.25rem; }
  .request > .message { grid-column: 1; grid-row: 2; margin-bottom: 1.1rem; }
  .body { grid-column: 1; grid-row: 3; }
  .decide, .ending { grid-column: 2; grid-row: 1 / span 3; position: sticky; top: 1rem; max-height: calc(100vh - 2rem); overflow-y: auto; }
  .entry { display: grid; grid-template-columns: minmax(0, 1fr) auto; column-gap: 1.5rem; }
  .entry > :not(.badges) { grid-column: 1; }
  .entry > .badges { grid-column: 2; grid-row: 1 / span 2; margin: 0; align-content: start; justify-content: end; }
  .card { padding: 1.35rem; }
}
`;

export const style = frame + pages + figures + timelines;
