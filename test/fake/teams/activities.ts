/**
 * test/fake/teams/activities.ts: what Teams sends to a bot, in the form it was recorded in: messages, clicks, refreshes,
 * the app coming and going. https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability
 */
import { randomUUID } from 'node:crypto';
import { cardOf, partsOf } from './cards.ts';
import { at, type Fields, isFields, textAt } from './wire.ts';
import { APP, type FakeMessage, type FakePerson, type FakePlace, type World } from './world.ts';

export interface Speaker {
  readonly person: FakePerson;
  /** Where: the conversation with the bot unless another is named. */
  readonly place?: FakePlace;
  /** The message that began the thread; a channel's messages always stand in one. */
  readonly root?: string;
}

export interface Click {
  /** On the message's card. */
  readonly message: FakeMessage;
  readonly person: FakePerson;
  /** Title of an Action.Execute on the card, or the whole action. */
  readonly action: string | Fields;
  /** By input id; merged into the action's data, as clients do. */
  readonly inputs?: Readonly<Record<string, string>>;
}

const BOT = { id: `28:${APP}`, name: 'Countersign' };

export function activities(world: World, serviceUrl: string) {
  const frame = ({ person, place = world.personal(person), root }: Speaker): Fields => ({
    id: randomUUID(),
    timestamp: new Date(world.clock()).toISOString(),
    localTimezone: 'Europe/Lisbon',
    locale: 'en-US',
    channelId: 'msteams',
    serviceUrl,
    from: { id: person.mri, name: person.name, aadObjectId: person.objectId },
    recipient: BOT,
    conversation: {
      ...(place.kind === 'personal' ? {} : { isGroup: true }),
      conversationType: place.kind,
      tenantId: person.tenantId,
      id: root === undefined || place.kind !== 'channel' ? place.id : `${place.id};messageid=${root}`,
    },
    channelData: {
      tenant: { id: person.tenantId },
      ...(place.team === null ? {} : { team: { id: place.team }, channel: { id: place.id } }),
    },
  });

  /** The speaker who clicks on a message, and what only a click has. */
  const onMessage = ({ message, person }: Pick<Click, 'message' | 'person'>): Fields => {
    const { place } = world.place(message.place);
    return { ...frame({ person, place, root: message.root ?? message.id }), replyToId: message.id };
  };

  return {
    /** Words to the bot: in a channel or group chat with the mention that makes them arrive. */
    message(speaker: Speaker, text: string): Fields {
      const isPersonal = speaker.place === undefined || speaker.place.kind === 'personal';
      const mention = { type: 'mention', text: '<at>Countersign</at>', mentioned: BOT };
      return {
        ...frame(speaker),
        type: 'message',
        textFormat: 'plain',
        text: isPersonal ? text : `<at>Countersign</at> ${text}`,
        entities: [...(isPersonal ? [] : [mention]), { type: 'clientInfo', locale: 'en-US', platform: 'Web' }],
      };
    },

    /** A click on an Action.Execute. */
    execute({ action, inputs = {}, ...click }: Click): Fields {
      const clicked = typeof action === 'string' ? actionTitled(click.message, action) : action;
      const data = at(clicked, 'data');
      return {
        ...onMessage(click),
        type: 'invoke',
        name: 'adaptiveCard/action',
        value: {
          action: { ...clicked, type: 'Action.Execute', data: { ...(isFields(data) ? data : {}), ...inputs } },
          trigger: 'manual',
        },
      };
    },

    /** What a client does by itself when the card comes into view. */
    refresh({ message, person }: Pick<Click, 'message' | 'person'>): Fields {
      const action = at(cardOf(message.activity), 'refresh', 'action');
      if (!isFields(action)) throw new Error('The card has no refresh.');
      const value = { action, trigger: 'automatic' };
      return { ...onMessage({ message, person }), type: 'invoke', name: 'adaptiveCard/action', value };
    },

    /** A click in a client that knows no Action.Execute: a message without words. */
    submit({ action, inputs = {}, ...click }: Click): Fields {
      const clicked = typeof action === 'string' ? actionTitled(click.message, action) : action;
      const fallback = at(clicked, 'fallback');
      const data = at(isFields(fallback) ? fallback : clicked, 'data');
      return { ...onMessage(click), type: 'message', value: { ...(isFields(data) ? data : {}), ...inputs } };
    },

    installation(speaker: Speaker, action: 'add' | 'remove' | 'add-upgrade' | 'remove-upgrade'): Fields {
      return { ...frame(speaker), type: 'installationUpdate', action };
    },

    conversationUpdate(speaker: Speaker, about: Fields): Fields {
      return { ...frame(speaker), type: 'conversationUpdate', ...about };
    },
  };
}

export type Activities = ReturnType<typeof activities>;

/** The Action.Execute with this title, wherever on the card it stands. */
function actionTitled({ activity }: FakeMessage, title: string): Fields {
  const executes = [...partsOf(cardOf(activity))].filter(({ type }) => type === 'Action.Execute');
  const found = executes.find((action) => action.title === title);
  if (found === undefined)
    throw new Error(
      `There is no button “${title}”, only ${executes.map((action) => textAt(action, 'title')).join(', ')}.`,
    );
  return found;
}
