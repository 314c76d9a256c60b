/**
 * src/adapters/slack/render/limits.ts: what Slack takes, and how much of it we use. Characters (UTF-16 units) unless
 * said. Slack refuses a whole message for one text that is too long, so everything drawn is cut to this table.
 */

/** Slack's own bounds: https://docs.slack.dev/reference/block-kit */
export const SLACK_LIMITS = {
  messageBlocks: 50,
  viewBlocks: 100,
  /** Of all texts in a message together; `msg_blocks_too_long` above about 13,000. */
  messageText: 13_000,
  /** JSON of a view in bytes; `view_too_large` above. */
  viewBytes: 250_000,
  sectionText: 3000,
  fields: 10,
  fieldText: 2000,
  headerText: 150,
  contextElements: 10,
  actionsElements: 25,
  buttonText: 75,
  controlValue: 2000,
  accessibilityLabel: 75,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  optionText: 75,
  optionValue: 150,
  selectOptions: 100,
  radioOptions: 10,
  overflowOptions: 5,
  placeholder: 150,
  inputText: 3000,
  inputLabel: 2000,
  inputHint: 2000,
  modalTitle: 24,
  modalButton: 24,
  privateMetadata: 3000,
  identifier: 255,
  url: 3000,
} as const;

/** What we use of it, so that a message stays calm and its parts together stay below Slack's sums. */
export const DRAWN = {
  /** All texts of a message; room below Slack's sum for how it may count. */
  messageText: 12_000,
  /** All texts of a view: six bytes each (an escaped character) and the controls stay below `viewBytes`. */
  viewText: 30_000,
  /** The plain words that notifications and screen readers get. */
  fallbackText: 1000,
  facts: 10,
  factLabel: 80,
  factValue: 300,
  description: 900,
  descriptionLines: 12,
  /** One reason, comment or answer in a message. */
  saying: 200,
  /** The same in a details modal. */
  longSaying: 1500,
  artifacts: 5,
  artifactName: 100,
  /** Longer addresses are on the web page. */
  linkUrl: 500,
  votes: 8,
  names: 6,
  name: 80,
  stages: 8,
  voteButtons: 8,
  mentions: 20,
  listPage: 10,
  /** Requests of each of App Home's three lists. */
  homeRequests: 8,
  listVotes: 4,
} as const;
