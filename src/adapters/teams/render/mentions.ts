/**
 * src/adapters/teams/render/mentions.ts: calling people by their name. A mention is a name in the text and an entry
 * beside the card, which must match to the letter.
 */
import type { PersonId } from '../../../engine/definition.ts';
import type { PersonView } from '../../../engine/view.ts';
import type { Card, Element, Mention } from './card.ts';
import { cost } from './fit.ts';
import { DRAWN } from './limits.ts';
import { line } from './text.ts';

type Entities = NonNullable<Card['msteams']['entities']>;

/** Names stand in Markdown there: no sign in them may mean anything. */
const plainName = (name: string): string =>
  line(name, DRAWN.name)
    .replace(/[<>&*_~`[\]()\\{}#|]/g, '')
    .trim() || '–';

/** Those whom one card calls. */
export class Mentions {
  private readonly entities = new Map<string, Entities[number]>();
  private readonly mention: (person: PersonId) => Mention | null;

  constructor(mention: (person: PersonId) => Mention | null) {
    this.mention = mention;
  }

  /** `<at>Ana Silva</at>`, or the name alone where they have no account here, or enough are called already. */
  readonly nameOf = ({ id, name, standsFor }: PersonView): string =>
    `${this.called(id) ?? plainName(name)}${standsFor === undefined ? '' : ` (for ${plainName(standsFor)})`}`;

  /** null: they can't be called here. */
  called(person: PersonId): string | null {
    const account = this.mention(person);
    if (account === null || account.id.length > DRAWN.accountId) return null;
    const name = plainName(account.name);
    if (name.length > DRAWN.mentionName || name === '–') return null;
    const text = `<at>${name}</at>`;
    const known = this.entities.get(text);
    // Two people of one name: Teams would not know which of them is meant.
    if (known !== undefined) return known.mentioned.id === account.id ? text : null;
    if (this.entities.size >= DRAWN.mentions) return null;
    this.entities.set(text, { type: 'mention', text, mentioned: { id: account.id, name } });
    return text;
  }

  /** The entries for those who are called in these elements. */
  in(elements: readonly Element[]): Entities {
    const texts = elements.flatMap((element) => (element.type === 'TextBlock' ? [element.text] : []));
    return [...this.entities.values()].filter(({ text }) => texts.some((shown) => shown.includes(text)));
  }

  readonly cost = (elements: readonly Element[]): number => cost(elements) + cost(this.in(elements));
}
