/** src/adapters/web/style-stats.ts: the style of the page of figures. */
export const figures = `
.figures > * + * { margin-top: 1.1rem; }
.gate-figures { display: grid; gap: 1.1rem; grid-template-columns: minmax(0, 1fr); align-items: start; }
.figures-table { width: 100%; border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
.figures-table th, .figures-table td { padding: .4rem .35rem; border-bottom: 1px solid var(--line); text-align: start; vertical-align: middle; }
.figures-table tbody tr:last-child > * { border-bottom: 0; }
.figures-table thead th { color: var(--muted); font-weight: 500; font-size: .82rem; vertical-align: bottom; }
.figures-table tbody th { font-weight: 450; padding-left: 0; }
.figures-table .now { font-weight: 620; }
.figures-table .before { color: var(--muted); }
.figures-table .trend, .figures-table .trend-head { text-align: end; padding-right: 0; }
.figures-table .trend { width: 6.4rem; line-height: 0; }
.bars { max-width: 100%; height: auto; }
.bars .past { fill: var(--line-strong); }
.bars .now { fill: var(--go); }
.bars .none { fill: var(--line); }
.figures details > summary { color: var(--muted); font-size: .9rem; padding: .3rem 0; }
.wide { overflow-x: auto; margin-top: .5rem; }
.all-weeks th, .all-weeks td { white-space: nowrap; padding: .3rem .8rem .3rem 0; }
.nav { display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin-inline-end: auto; font-size: .95rem; }
.nav a { padding: .35rem 0; white-space: nowrap; color: var(--muted); text-decoration: none; }
.nav a:hover { color: var(--ink); text-decoration: underline; }
.nav a[aria-current=page] { color: var(--ink); font-weight: 560; }
@media (max-width: 29.99rem) {
  .figures-table { font-size: .88rem; }
  .figures-table .trend { width: 4.2rem; padding-left: .1rem; }
}
@media (min-width: 64rem) { .gate-figures { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
`;
