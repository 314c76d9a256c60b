/** test/bot/pauses/house.ts: the configuration that the tests of pausing share. */

export const PAUSE_GATES = `
admins: [adele]
people:
  adele: { name: Adele Admin, email: adele@acme.dev, slack: U0ADELE }
  olga:  { name: Olga Owner, email: olga@acme.dev, slack: U0OLGA, away: { from: 2026-01-01, to: 2026-12-31, delegate: dora } }
  dora:  { name: Dora Deputy, email: dora@acme.dev, slack: U0DORA }
  ana:   { name: Ana Silva, email: ana@acme.dev, slack: U0ANA }
  ben:   { name: Ben Okoye, email: ben@acme.dev, slack: U0BEN }
  mia:   { name: Mia Chen, email: mia@acme.dev, slack: U0MIA }
  eve:   { name: Eve Stranger, email: eve@acme.dev, slack: U0EVE }
groups:
  reviewers: [ana, ben]
  nobody-knows: { slackUsergroup: S0ELSEWHERE }
channels:
  releases: { slack: C0RELEASES }
pipelines:
  ci:    { token: "\${CI_TOKEN}", gates: ["*"], may: [vote, pause] }
  other: { token: "\${OTHER_TOKEN}", gates: ["deploy*"], may: [vote, pause] }
  quiet: { token: quiet-token-0123456789abcdef, gates: ["*"] }
gates:
  deploy:
    notify: [releases]
    approvers: [reviewers]
    owners: [olga, nobody-knows]
    bypass: { by: [mia] }
    timeout: 4h
  deploy-two:
    approvers: [reviewers]
    quorum: 2
    timeout: 4h
  reminding:
    approvers: [ana]
    remind: { after: 1h, every: 1h, max: 5 }
    escalate: [{ after: 150m, to: [mia] }]
    sla: { target: 3h, warnAt: 50% }
    timeout: 12h
  never:
    approvers: [ana]
    timeout: never
`;
