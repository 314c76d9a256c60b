/** bench/traffic.ts: what is asked of both sides: one pipeline, one gate, and a body of about 1 KiB. */

export const TOKEN = 'bench-token-0123456789abcdef0123456789abcdef';
export const CALLBACK_SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;

/**
 * One channel to show each request in, so an open writes one delivery; three approvers, of whom two must agree.
 * @param callbacks where callbacks may go
 */
export const gates = (callbacks = 'https://ci.example.com'): string => `
people:
  ana: { name: Ana Silva, email: ana@example.com, manager: mia }
  ben: { name: Ben Okoye, email: ben@example.com, manager: mia }
  cy: { name: Cy Tan, email: cy@example.com, manager: mia }
  mia: { name: Mia Chen, email: mia@example.com }
groups:
  release-managers: [ana, ben, cy]
channels:
  releases: { slack: C0BENCH }
pipelines:
  ci:
    token: ${TOKEN}
    gates: ["*"]
    callbackSecret: ${CALLBACK_SECRET}
    callbacks: ["${callbacks}/*"]
    may: [vote]
gates:
  deploy-prod:
    title: "Deploy \${context.service} \${context.version} to production"
    notify: [releases]
    approvers: [release-managers]
    quorum: 2
    requireReason: [reject]
    remind: { after: 1h, every: 4h, max: 3 }
    escalate: [{ after: 4h, to: ["manager-of:approvers"] }]
    timeout: 24h
    onTimeout: reject
  deploy-staging:
    title: "Deploy \${context.service} \${context.version} to staging"
    notify: [releases]
    approvers: [release-managers]
    quorum: 1
    timeout: 24h
`;

const CONTEXT = {
  service: 'shop',
  version: '1.4.2',
  environment: 'production',
  commit: '7c9e6679f4bd4a1e9f0d2b5c8a3e1f6d4c2b0a98',
  branch: 'main',
  author: 'dana@example.com',
  run: { id: 8_412_907, attempt: 1, url: 'https://ci.example.com/acme/shop/actions/runs/8412907' },
  risk: 4,
  changes: [
    'Checkout: retry the payment once when the provider answers 502',
    'Cart: totals are rounded per line, as the invoice does',
    'Search: the index is rebuilt at night instead of on each change',
    'Upgrade of the database driver to the current minor version',
  ],
  tests: { passed: 4_182, failed: 0, skipped: 12, coverage: 91.4 },
  image: 'registry.example.com/acme/shop@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
};

/**
 * For whole approvals: each lane is a channel, a gate that one person decides, and an endpoint that is called back.
 * Deliveries to one target go one after another, so the number of lanes says how many can go at once.
 */
export const laneGates = (origins: readonly string[]): string => `
people:
  ana: { name: Ana Silva, email: ana@example.com }
  mia: { name: Mia Chen, email: mia@example.com }
channels:
${origins.map((_, lane) => `  lane-${lane}: { slack: C0LANE${lane} }`).join('\n')}
pipelines:
  ci:
    token: ${TOKEN}
    gates: ["*"]
    callbackSecret: ${CALLBACK_SECRET}
    callbacks: [${origins.map((origin) => `"${origin}/*"`).join(', ')}]
    may: [vote]
gates:
${origins
  .map(
    (_, lane) => `  lane-${lane}:
    title: "Deploy \${context.service} \${context.version} to staging"
    notify: [lane-${lane}]
    approvers: [ana]
    timeout: 24h`,
  )
  .join('\n')}
`;

/**
 * For clicks: each gate has a channel of its own, and three people decide it together.
 * @param people what the config says of them, in order
 * @param channel what it says of a channel, by number
 * @param more what it says besides
 */
export const clickGates = (
  channels: number,
  people: readonly string[],
  channel: (number: number) => string,
  more = '',
): string => {
  const numbers = Array.from({ length: channels }, (_, i) => i);
  return `
people:
  ana: { name: Ana Silva, ${people[0]} }
  ben: { name: Ben Okoye, ${people[1]} }
  cy: { name: Cy Tan, ${people[2]} }
  mia: { name: Mia Chen, email: mia@example.com }
groups:
  release-managers: [ana, ben, cy]
channels:
${numbers.map((i) => `  channel-${i}: { ${channel(i)} }`).join('\n')}
pipelines:
  ci: { token: ${TOKEN}, gates: ["*"] }
gates:
${numbers
  .map(
    (i) => `  gate-${i}:
    title: "Deploy \${context.service} \${context.version} to production"
    notify: [channel-${i}]
    approvers: [release-managers]
    quorum: 3
    timeout: 24h`,
  )
  .join('\n')}
${more}`;
};

/** Who is in the Teams of the bench. */
export const TEAMS = {
  bot: '22222222-aaaa-4bbb-8ccc-000000000002',
  tenant: '11111111-aaaa-4bbb-8ccc-000000000001',
  people: [1, 2, 3].map((n) => `33333333-aaaa-4bbb-8ccc-00000000000${n}`),
};

/** What every activity says of where it comes from. */
export const teamsActivity = (id: string, serviceUrl: string, objectId: string, conversation: string): object => ({
  id,
  channelId: 'msteams',
  serviceUrl,
  from: { id: `29:${objectId}`, name: objectId, aadObjectId: objectId },
  recipient: { id: `28:${TEAMS.bot}`, name: 'Countersign' },
  conversation: { isGroup: true, conversationType: 'channel', tenantId: TEAMS.tenant, id: conversation },
  channelData: { tenant: { id: TEAMS.tenant } },
});

/** What signs a click, as Slack does it (v0), and what it is signed with. */
export const CLICK_SECRET = 'bench-signing-secret-0123456789abcdef';

/** A body of a few hundred bytes, for the million that fills a disk. */
export const smallBody = (gate: string): string =>
  JSON.stringify({ gate, requester: 'mia', context: { service: 'shop', version: '1.4.2', commit: CONTEXT.commit } });

export const openBody = (gate: string, callback?: string): string =>
  JSON.stringify({
    gate,
    description: 'Routine release of the week, built and tested from main.',
    requester: 'mia',
    context: CONTEXT,
    ...(callback !== undefined && { callback: { url: callback } }),
  });

export const voteBody = (person: string): string => JSON.stringify({ person, option: 'approve' });
