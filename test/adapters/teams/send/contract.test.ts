import { type ChannelHouse, channelContract } from '../../../contract/channel.ts';
import { cardOf } from '../../../fake/teams/cards.ts';
import { listAt } from '../../../fake/teams/wire.ts';
import { approved, given, outgoing, requestView, toAna } from './given.ts';

channelContract('teams', async (): Promise<ChannelHouse> => {
  const { teams, channel } = await given();
  return {
    channel,
    outgoing,
    person: toAna,
    nowhere: { kind: 'channel', id: '19:nowhere@thread.tacv2' },
    view: requestView,
    approved: approved(),
    shown: () => teams.messages().map(({ activity }) => JSON.stringify(activity)),
    mentions: () => teams.messages().flatMap(({ activity }) => listAt(cardOf(activity), 'msteams', 'entities')),
    nextPost(fault) {
      const post = 'createConversation';
      if (fault === 'hangs') teams.script(post, { kind: 'hang' });
      else if (fault === 'broken') teams.script(post, { kind: 'status', status: 502 });
      else teams.script(post, { kind: 'rateLimited', retryAfter: 7 });
    },
  };
});
