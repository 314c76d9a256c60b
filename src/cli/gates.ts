/** src/cli/gates.ts: `gates validate`: is the config right, and what does it say? */
import { type Config, ConfigError, loadConfig } from '../bot/config/index.ts';
import type { GateDefinition, Quorum, RuleDefinition, StageDefinition } from '../engine/definition.ts';
import { columns } from './draw.ts';
import { EXIT } from './failure.ts';
import type { Terminal } from './terminal.ts';
import { durationText, jsonText, plain } from './text.ts';

export interface ValidateFlags {
  readonly json?: true;
}

/** @param file default COUNTERSIGN_CONFIG, else ./countersign.yaml */
export function validateGates(terminal: Terminal, file: string | undefined, { json }: ValidateFlags): number {
  const path = file ?? (terminal.env.COUNTERSIGN_CONFIG || './countersign.yaml');
  let config: Config;
  try {
    config = loadConfig(path, terminal.env, terminal.now());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (json) terminal.out(jsonText({ file: path, problems: error.problems }));
    else for (const line of error.message.split('\n')) terminal.say(`${terminal.paint('red', '✗')} ${plain(line)}`);
    return EXIT.no;
  }
  const gates = [...config.gates.values()];
  if (json) {
    terminal.out(
      jsonText({ file: path, problems: [], warnings: config.warnings, gates: gates.map(({ name }) => name) }),
    );
    return EXIT.done;
  }
  for (const warning of config.warnings) terminal.say(`${terminal.paint('yellow', '!')} ${plain(warning)}`);
  const rows = gates.map((gate) => [plain(gate.name), deadlineText(gate), silenceText(gate), whoText(gate)]);
  terminal.out(columns([['GATE', 'DEADLINE', 'SILENCE', 'WHO DECIDES'], ...rows], terminal.paint).join('\n'));
  const counts = `gates: ${gates.length}, people: ${config.directory.people.size}, pipelines: ${config.pipelines.length}`;
  terminal.say(`${terminal.paint('green', '✓')} ${plain(path)} · ${counts}`);
  return EXIT.done;
}

const deadlineText = ({ timeoutMs }: GateDefinition): string =>
  timeoutMs === null ? 'never' : durationText(timeoutMs);

function silenceText(gate: GateDefinition): string {
  if (gate.timeoutMs === null) return 'waits';
  const option = gate.options.find(({ id }) => id === gate.onTimeout);
  const verdict = option?.outcome ?? (gate.onTimeout === 'approve' ? 'approved' : 'rejected');
  return option !== undefined && option.id !== 'approve' && option.id !== 'reject'
    ? `${verdict} (${plain(option.id)})`
    : verdict;
}

function whoText(gate: GateDefinition): string {
  if (gate.stages.length === 0) return 'whoever the request names';
  const [only, ...more] = gate.stages;
  if (only !== undefined && more.length === 0 && only.when === null) return rulesText(only.rules);
  return gate.stages.map(stageText).join(' → ');
}

const stageText = ({ name, when, rules }: StageDefinition): string =>
  `${plain(name)}${when === null ? '' : ` (when ${plain(when)})`}: ${rulesText(rules)}`;

const rulesText = (rules: readonly RuleDefinition[]): string =>
  rules.map(({ approvers, quorum }) => `${quorumText(quorum)} of ${approvers.map(plain).join(', ')}`).join(' and ');

function quorumText(quorum: Quorum): string {
  switch (quorum.kind) {
    case 'count':
      return String(quorum.count);
    case 'percent':
      return `${quorum.percent} %`;
    case 'majority':
      return 'a majority';
    case 'all':
      return 'all';
  }
}
