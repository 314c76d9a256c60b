/**
 * src/adapters/teams/render/limits.ts: what Teams takes, and how much of it we use. Characters are UTF-16 units.
 */

/** Teams' own bounds: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference */
export const TEAMS_LIMITS = {
  /** Actions side by side; further ones go behind three dots, where forms don't open. */
  primaryActions: 6,
} as const;

/** Accounts for which a card refreshes by itself; Teams refuses more. */
export const REFRESH_MOST = 60;

/** What we use of it, so that a card stays calm. */
export const DRAWN = {
  /**
   * A whole card, as `cost` counts it. Teams takes some 80,000 of a message, but other ways into it have been held to
   * 28,000, and a card that is longer is not read either.
   */
  cardBytes: 25_000,
  /** Of it, the forms that stand in the card; the others are asked for after the click. */
  formBytes: 10_000,
  /** What is behind "More"; what has no room there is on the page. */
  moreBytes: 7_000,
  /** The accounts for which it refreshes: 60 of the length that Teams gives them (some 115 characters). */
  refreshBytes: 15_000,
  /** The same in a card of somebody's own, where the room is for buttons. */
  ownRefreshBytes: 1_000,
  /** Kept free of buttons, for what is to be decided. */
  bodyBytes: 6_000,
  fallbackText: 1000,
  summary: 250,
  title: 300,
  buttonText: 75,
  facts: 10,
  factLabel: 80,
  factValue: 300,
  description: 900,
  descriptionLines: 12,
  /** One reason, comment or answer. */
  saying: 200,
  artifacts: 5,
  artifactName: 100,
  /** Longer addresses are on the web page. */
  linkUrl: 500,
  votes: 6,
  names: 6,
  name: 80,
  stages: 6,
  voteButtons: 4,
  mentions: 10,
  /** A longer name is written out, but nobody is called by it. */
  mentionName: 60,
  /** An account's id in Teams. */
  accountId: 200,
  inputText: 3000,
  inputLabel: 150,
  hint: 500,
  choice: 150,
  choices: 100,
  listPage: 8,
  listVotes: 3,
  rows: 40,
} as const;
