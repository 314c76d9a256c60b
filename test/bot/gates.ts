/** test/bot/gates.ts: the configuration that most tests of the running bot use. */

export const GATES = `
people:
  ana: { name: Ana Silva, email: ana@acme.dev, slack: U0ANA, manager: mia }
  ben: { name: Ben Okoye, email: ben@acme.dev, slack: U0BEN, manager: mia }
  cy:  { name: Cy Tan, email: cy@acme.dev, slack: U0CY }
  mia: { name: Mia Chen, email: mia@acme.dev, slack: U0MIA }
  eve: { name: Eve Stranger, email: eve@acme.dev, slack: U0EVE }
groups:
  release-managers: [ana, ben, cy]
channels:
  releases: { slack: C0RELEASES }
pipelines:
  ci:    { token: "\${CI_TOKEN}", gates: ["*"], callbackSecret: "\${CI_CALLBACK_SECRET}", may: [vote, bypass, reassign] }
  other: { token: "\${OTHER_TOKEN}", gates: ["deploy*"] }
calendars:
  office: { timezone: UTC, hours: "mon-fri 09:00-18:00" }
gates:
  deploy:
    title: "Deploy \${context.service} to production"
    description: "Asked by \${request.requester}"
    notify: [releases]
    approvers: [release-managers]
    timeout: 1h
  deploy-two:
    approvers: [release-managers]
    quorum: 2
    timeout: 1h
  chain:
    timeout: 1h
    stages:
      - { name: peers, approvers: [release-managers] }
      - { name: board, approvers: [mia] }
  auto:
    autoApproveIf: context.amount < 100
    approvers: [ana]
  strict:
    approvers: [ana, ben]
    selfApproval: forbid
  reasoned:
    approvers: [ana]
    requireReason: [approve, reject]
    form:
      - { id: window, type: select, label: Window, options: [now, tonight], required: true }
      - { id: percent, type: number, label: Percent, min: 1, max: 100, required: true }
  optional:
    approvers: [ana]
    options:
      - { id: canary, label: Canary 10 %, outcome: approved }
      - { id: full, label: Full, outcome: approved, style: primary }
      - { id: stop, label: Stop, outcome: rejected, style: danger }
  flexible:
    approvers: [ana]
    overrides: [timeout, approvers]
    timeout: 1h
  breakable:
    approvers: [ana, ben]
    bypass: { by: [mia] }
  frozen:
    approvers: [ana]
    timeout: 7d
    freeze: { calendar: office, outside: hold }
  nudge:
    notify: [releases]
    approvers: [ana]
    remind: { after: 1h, every: 1h, max: 2 }
    escalate: [{ after: 150m, to: ["manager-of:approvers"] }]
    sla: { target: 4h, warnAt: 50% }
    timeout: 6h
  never:
    approvers: [ana]
    timeout: never
`;
