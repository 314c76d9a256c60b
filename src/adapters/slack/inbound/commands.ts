/** src/adapters/slack/inbound/commands.ts: `/gates …`, whatever the command is called in Slack. The answer is the caller's alone. */
import type { AckFn, Context, RespondArguments } from '@slack/bolt';
import { inTime } from '../../patience.ts';
import { reply } from '../render/index.ts';
import type { Message } from './answers.ts';
import { plain } from './bolt-log.ts';
import { claimsOfCommand } from './caller.ts';
import { forTeamsOf } from './inbox.ts';
import type { Parts } from './parts.ts';
import { Command } from './payloads.ts';
import { FAILED } from './words.ts';

interface Call {
  readonly ack: AckFn<string | RespondArguments>;
  readonly body: unknown;
  readonly context: Context;
}

export function onCommand({
  ports,
  workspaces,
  identify,
  answers,
  patience,
  log,
}: Parts): (call: Call) => Promise<void> {
  const privately = ({ text, blocks }: Message): RespondArguments => ({
    response_type: 'ephemeral',
    text,
    blocks: [...blocks],
  });

  return async ({ ack, body, context }) => {
    const command = Command.parse(body);
    const caller = identify(claimsOfCommand(command), forTeamsOf(context));
    if (caller.kind === 'stranger') return ack(privately(answers.draw(caller.words)));
    const { team, person } = caller;
    const nameOf = (id: string): string =>
      ports.personOf({ scope: team, id }, team === workspaces.homeTeam()) ?? `slack:${team}/${id}`;
    const work = ports.command(person, readLine(command.text, nameOf)).then(
      (answer): Message => reply(answer, { link: (id) => ports.link(id), now: ports.now() }),
      (error): Message => {
        log.error({ error: plain(error) }, 'a command failed');
        return answers.draw(FAILED);
      },
    );
    const answer = await inTime(work, patience.command);
    if (answer !== 'late') return ack(privately(answer));
    await ack();
    const { user_id: user, channel_id: channel = null, response_url: responseUrl = null } = command;
    await answers.show({ team, user, channel, responseUrl }, await work);
  };
}

/**
 * What was typed. Slack writes people, links and the three characters of its markup in its own way
 * (`<@U1|ana>`, `<https://…|…>`, `&amp;`): https://docs.slack.dev/interactivity/implementing-slash-commands
 */
export function readLine(text: string, nameOf: (user: string) => string): string {
  return text
    .replace(/<@([A-Z0-9]{1,40})(?:\|[^>]*)?>/g, (_, user: string) => nameOf(user))
    .replace(/<mailto:([^|>]+)(?:\|[^>]*)?>/g, '$1')
    .replace(/<(https?:\/\/[^|>]+)(?:\|[^>]*)?>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim();
}
