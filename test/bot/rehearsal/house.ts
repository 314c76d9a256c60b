/** test/bot/rehearsal/house.ts: a config with a gate that uses all there is, for simulations. */
import { type Config, parseConfig } from '../../../src/bot/config/index.ts';

/** A Friday afternoon in Lisbon, an hour before the office closes. */
export const FRIDAY = Date.parse('2026-11-20T16:30:00Z');

export const YAML = `
people:
  ana: { name: Ana Silva, email: ana@acme.dev, slack: U0ANA, manager: mia, timezone: Europe/Lisbon }
  ben: { name: Ben Okoye, email: ben@acme.dev, slack: U0BEN, manager: mia, timezone: Europe/Lisbon }
  cy: { name: Cy Tan, email: cy@acme.dev, slack: U0CY, manager: mia, away: { from: 2026-11-16, to: 2026-11-22, delegate: gil } }
  gil: { name: Gil Moreau, email: gil@acme.dev, teams: 6f1c2b1e-0a51-4b8e-9a39-0a1f6c1d2e3f }
  mia: { name: Mia Chen, email: mia@acme.dev, slack: U0MIA, manager: fay, timezone: Europe/Lisbon }
  fay: { name: Fay Ward, email: fay@acme.dev, slack: U0FAY }
groups:
  release-managers: [ana, ben, cy]
  change-board: [mia, fay]
  oncall: { slackUsergroup: S0ONCALL }
channels:
  releases: { slack: C0RELEASES }
  board: { teams: "19:board@thread.tacv2" }
pipelines:
  ci: { token: tok_0123456789abcdef, gates: ["deploy*", guarded, sampled, endless, auto] }
calendars:
  office: { timezone: Europe/Lisbon, hours: "mon-fri 09:00-18:00" }
gates:
  deploy-prod:
    title: "Deploy \${context.service} \${context.version} to production"
    notify: [releases, board]
    stages:
      - { name: peer review, approvers: [release-managers] }
      - { name: change board, when: context.risk >= 7, approvers: [change-board] }
      - { name: legal, when: 'context.region == "eu" && context.personalData', approvers: [fay] }
    remind: { after: 1h, every: 4h, max: 3 }
    escalate: [{ after: 6h, to: ["manager-of:approvers"] }]
    sla: { target: 4h, warnAt: 75%, calendar: office }
    timeout: 3d
    bypass: { by: [mia] }
  guarded:
    approvers: [oncall]
  sampled:
    approvers: ["manager-of:requester"]
    autoApproveIf: context.environment == "staging"
    options:
      - { id: canary, label: Canary, outcome: approved }
      - { id: stop, label: Stop, outcome: rejected }
    form:
      - { id: ticket, type: text, label: Ticket, required: true }
      - { id: share, type: number, label: Share, min: 5, required: true }
      - { id: why, type: text, label: Why, when: 'option == "stop" && context.size > 10' }
    requireReason: [approve, reject]
  endless:
    approvers: [ana]
    timeout: never
    remind: { after: 1d, every: 1d, max: 1000 }
  auto:
    approvers: [ana]
    autoApproveIf: context.amount < 50
`;

export const house = (): Config => parseConfig(YAML, 'countersign.yaml', {}, FRIDAY);
