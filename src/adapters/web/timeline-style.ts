/** src/adapters/web/timeline-style.ts: the picture of a timeline, its table, and the pages around it. */
export const timelines = `
.timeline { margin: 0; }
.timeline > svg { display: block; width: 100%; height: auto; }
.narrow-picture { display: none !important; }
.timeline text, .legend { font-family: inherit; }
.lane-name { font-size: 14px; fill: var(--ink); }
.lane.channel .lane-name, .lane.time .lane-name { fill: var(--muted); }
.lane.stage .lane-name { font-weight: 620; }
.tick { font-size: 12.5px; fill: var(--ink); font-variant-numeric: tabular-nums; }
.tick-day { fill: var(--muted); }
.band { fill: var(--raised); }
.rail { stroke: var(--line); stroke-width: 1.5; }
.grid { stroke: var(--line); stroke-dasharray: 2 4; }
.end { stroke: var(--stop); stroke-width: 2; }
.end.approved { stroke: var(--go); }
.end.cancelled { stroke: var(--line-strong); }
.bar { fill: var(--line); }
.bar.late { fill: var(--stop-soft); stroke: var(--stop); }
.lane.stage .bar { fill: var(--go-soft); stroke: var(--go); stroke-width: 1.5; }
.mark { stroke: var(--card); stroke-width: 1.5; }
.mark.link { fill: var(--link); } .mark.go { fill: var(--go); } .mark.wait { fill: var(--wait); } .mark.stop { fill: var(--stop); } .mark.plain { fill: var(--line-strong); }
.mark.ring { fill: var(--card); stroke-width: 3; }
.mark.ring.wait { stroke: var(--wait); } .mark.ring.plain { stroke: var(--line-strong); }
.mark.stroke { fill: none; stroke-width: 3.4; stroke-linecap: round; stroke-linejoin: round; }
.mark.stroke.go { stroke: var(--go); } .mark.stroke.wait { stroke: var(--wait); } .mark.stroke.stop { stroke: var(--stop); } .mark.stroke.plain { stroke: var(--line-strong); }
.kept-back { stroke: var(--wait); stroke-width: 2; stroke-dasharray: 3 3; }
.arrival { fill: var(--wait); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; margin-top: .8rem; font-size: .88rem; }
.legend li { display: inline-flex; align-items: center; gap: .4rem; }
.timeline figcaption .muted { margin-top: .5rem; font-size: .85rem; }

.steps { width: 100%; border-collapse: collapse; font-size: .92rem; }
.steps th, .steps td { padding: .5rem .6rem .5rem 0; border-bottom: 1px solid var(--line); text-align: start; vertical-align: top; }
.steps thead th { color: var(--muted); font-weight: 500; font-size: .82rem; }
.steps tbody th { font-weight: 450; white-space: nowrap; font-variant-numeric: tabular-nums; }
.steps tbody tr:last-child > * { border-bottom: 0; }
.steps svg { vertical-align: -.12em; }
.steps ul { list-style: none; display: grid; gap: .15rem; }
.next { list-style: none; display: grid; gap: .5rem; font-size: .93rem; }
.next li { display: flex; gap: .6rem; align-items: baseline; }
.next svg { flex: none; transform: translateY(.15rem); }

.gates-page > * + *, .simulate > * + * { margin-top: 1.1rem; }
.gate-list { list-style: none; display: grid; gap: .7rem; }
.gate-list .card > * + * { margin-top: .35rem; }
.gate-list h2 a { color: var(--ink); text-decoration: none; }
.gate-list h2 a:hover { text-decoration: underline; }
.ask { display: grid; gap: .9rem 1.2rem; grid-template-columns: minmax(0, 1fr); }
.ask textarea { font: .875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.ask .row { display: grid; gap: .9rem; align-content: start; }
.why-list { list-style: none; display: grid; gap: .8rem; }
.why-list .left-out h3, .why-list .left-out p { color: var(--muted); }
.why-list ul { list-style: none; font-size: .93rem; }
.people-seen { display: grid; gap: .8rem; }
.people-seen dt { font-weight: 560; }
.people-seen dd { font-size: .93rem; }
.offers { display: flex; flex-wrap: wrap; gap: .35rem; margin-top: .35rem; }
.offers span { border: 1px solid var(--line-strong); border-radius: 7px; padding: .1rem .5rem; font-size: .85rem; }
.verdict { font-size: 1.02rem; }
@media (min-width: 48rem) { .ask { grid-template-columns: minmax(0, 1.2fr) minmax(0, 1fr); } }
@media (max-width: 39.99rem) {
  .top { flex-wrap: wrap; row-gap: .1rem; }
  .nav { order: 3; width: 100%; }
}
@media (max-width: 47.99rem) {
  .wide-picture { display: none !important; }
  .narrow-picture { display: block !important; }
  .steps thead { display: none; }
  .steps tr { display: grid; padding: .55rem 0; border-bottom: 1px solid var(--line); }
  .steps tbody tr:last-child { border-bottom: 0; }
  .steps th, .steps td { border: 0; padding: .08rem 0; }
  .steps td:empty { display: none; }
  .steps td:last-child { color: var(--muted); font-size: .88rem; }
}
`;
