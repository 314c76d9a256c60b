import { type ChannelHouse, channelContract } from '../../../contract/channel.ts';
import { approved, given, outgoing, requestView } from './given.ts';

channelContract('slack', async (): Promise<ChannelHouse> => {
  const { slack, channel } = await given();
  return {
    channel,
    outgoing,
    person: { kind: 'person', id: 'U0ANA' },
    nowhere: { kind: 'channel', id: 'C0NOWHERE' },
    view: requestView,
    approved: approved(),
    shown: () => slack.messages().map(({ text, blocks }) => `${text} ${JSON.stringify(blocks)}`),
    mentions: () =>
      slack.messages().flatMap(({ text, blocks }) => {
        const marked = [...JSON.stringify(blocks).matchAll(/"type":"mrkdwn","text":"((?:[^"\\\\]|\\\\.)*)"/g)];
        return [text, ...marked.map(([, markup = '']) => markup)].flatMap(
          (words) => words.match(/<[!@#][^>]*>/g) ?? [],
        );
      }),
    nextPost(fault) {
      if (fault === 'hangs') slack.script('chat.postMessage', { kind: 'hang' });
      else if (fault === 'broken') slack.script('chat.postMessage', { kind: 'status', status: 500 });
      else slack.script('chat.postMessage', { kind: 'rateLimited', retryAfter: 7 });
    },
  };
});
