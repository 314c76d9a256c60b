/** The arrows of the design: each rule says why. */
const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: allowed },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A cycle is two rooms that are really one.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    only('engine-alone', 'The engine is pure: it depends on nothing of ours.', '^src/engine/', '^src/engine/'),
    {
      name: 'engine-libraries',
      comment: 'The engine does no I/O: only the expression evaluator, RE2 and zod.',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { pathNot: '^src/|node_modules/(@marcbachmann/cel-js|re2js|zod)/' },
    },
    only(
      'store-to-engine',
      'The store remembers; it knows the engine’s types and no channel.',
      '^src/store/',
      '^src/(store|engine)/',
    ),
    {
      name: 'sql-in-store',
      comment: 'The store is the only room that knows SQL.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/store/' },
      to: { path: 'node_modules/(kysely|better-sqlite3|pg)/' },
    },
    only(
      'callback-adapter',
      'No adapter imports another, none the store.',
      '^src/adapters/callback/',
      '^src/(engine/|adapters/[a-z]+\\.ts$|adapters/(http|callback)/)',
    ),
    only(
      'directory-adapter',
      'No adapter imports another, none the store.',
      '^src/adapters/directory/',
      '^src/(engine/|adapters/[a-z]+\\.ts$|adapters/(http|directory)/)',
    ),
    only(
      'ics-adapter',
      'No adapter imports another, none the store.',
      '^src/adapters/ics/',
      '^src/(engine/|adapters/[a-z]+\\.ts$|adapters/(http|ics)/)',
    ),
    only(
      'guarded-http',
      'Where calls may go is asked by several adapters, and knows none of them.',
      '^src/adapters/http/',
      '^src/(engine/|adapters/[a-z]+\\.ts$|adapters/http/)',
    ),
    only(
      'web-adapter',
      'No adapter imports another, none the store.',
      '^src/adapters/web/',
      '^src/(engine/|adapters/[a-z]+\\.ts$|adapters/web/)',
    ),
    only(
      'slack-adapter',
      'No adapter imports another, none the store.',
      '^src/adapters/slack/',
      '^src/(engine/|adapters/[a-z]+\\.ts$|adapters/slack/)',
    ),
    only(
      'teams-adapter',
      'No adapter imports another, none the store.',
      '^src/adapters/teams/',
      '^src/(engine/|adapters/[a-z]+\\.ts$|adapters/teams/)',
    ),
    only(
      'adapter-port',
      'The ports of the adapters stand between them and the engine.',
      '^src/adapters/[a-z]+\\.ts$',
      '^src/(engine/|adapters/[a-z]+\\.ts$)',
    ),
    only('client-alone', 'The client is installed without the bot.', '^src/client/', '^src/client/'),
    {
      name: 'client-libraries',
      comment: 'Whoever imports the client gets no dependencies with it.',
      severity: 'error',
      from: { path: '^src/client/' },
      to: { path: 'node_modules/' },
    },
    {
      name: 'nobody-to-cli',
      comment: 'The command is the outermost room.',
      severity: 'error',
      from: { pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'nobody-to-bot',
      comment: 'Arrows point away from bot; only the command starts it.',
      severity: 'error',
      from: { path: '^src/(engine|store|adapters|client)/' },
      to: { path: '^src/bot/' },
    },
    {
      name: 'no-dev-dependencies',
      comment: 'What runs must be installed in production.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
