/** src/cli/commands/people.ts: `people show` and `people list`; both work on the config itself, without a running bot. */
import type { Command } from 'commander';
import type { Finish } from '../failure.ts';
import type { PeopleFlags, ShowFlags } from '../people.ts';
import type { Terminal } from '../terminal.ts';

const FILE = 'the config (COUNTERSIGN_CONFIG, or ./countersign.yaml)';

export function addPeopleCommands(program: Command, terminal: Terminal, finish: Finish): void {
  const people = program.command('people').summary('who is who: how names, groups and references resolve');
  people
    .command('show')
    .summary('how a name resolves, and why')
    .description(
      'Says whom a person, a group or a reference comes to: nested groups, managers, who is away and who stands in, and which gates ask it. HTTP directories are asked once; what Slack and Teams keep only a running bot asks.',
    )
    .argument('<name>', 'ana, release-managers, manager-of(2):requester, ana@acme.dev, slack:T…/U…')
    .option('--at <time>', 'as if it were then: 2026-12-24, or 2026-12-24T09:00:00Z')
    .option('--requester <name>', 'who asks, for manager-of:requester')
    .option('--config <file>', FILE)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 it comes to somebody · 1 to nobody, or a source can’t be asked · 3 could not tell.\nExamples:\n  countersign people show oncall\n  countersign people show manager-of:requester --requester ben --at 2026-12-24',
    )
    .action(async (name: string, flags: ShowFlags) =>
      finish(await (await import('../people.ts')).showPerson(terminal, name, flags)),
    );
  people
    .command('list')
    .summary('everybody and every group, and who is meant by them now')
    .option('--config <file>', FILE)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit codes: 0 done · 3 could not tell.\nExample:\n  countersign people list --json')
    .action(async (flags: PeopleFlags) => finish(await (await import('../people.ts')).listPeople(terminal, flags)));
}
