/**
 * src/adapters/teams/render/card.ts: the parts of an Adaptive Card that we use, as data:
 * https://adaptivecards.io/explorer. 1.5 is the newest version that Teams takes from bots.
 */

export interface TextRun {
  readonly type: 'TextRun';
  readonly text: string;
  readonly weight?: 'bolder';
  readonly size?: 'small' | 'large';
  readonly isSubtle?: true;
  readonly italic?: true;
  readonly strikethrough?: true;
  readonly fontType?: 'monospace';
  readonly selectAction?: OpenUrl;
}

interface Placed {
  readonly spacing?: 'none' | 'small' | 'medium' | 'large';
  readonly separator?: true;
}

/** Text that is never read as Markdown, whatever is in it. */
export interface RichTextBlock extends Placed {
  readonly type: 'RichTextBlock';
  /** A text alone is a run without a look of its own. */
  readonly inlines: readonly (TextRun | string)[];
}

/** Markdown: for words of ours and for mentions only. */
export interface TextBlock extends Placed {
  readonly type: 'TextBlock';
  readonly text: string;
  readonly wrap: true;
  readonly weight?: 'bolder';
  readonly isSubtle?: true;
  readonly style?: 'heading';
}

export type Look = 'default' | 'emphasis' | 'accent' | 'good' | 'warning' | 'attention';

export interface Container extends Placed {
  readonly type: 'Container';
  readonly items: readonly Element[];
  readonly style?: Look;
  readonly bleed?: true;
}

export interface ColumnSet extends Placed {
  readonly type: 'ColumnSet';
  readonly columns: readonly {
    readonly type: 'Column';
    readonly width: string;
    readonly items: readonly Element[];
  }[];
}

export interface ActionSet extends Placed {
  readonly type: 'ActionSet';
  readonly actions: readonly Action[];
}

interface InputBase extends Placed {
  /** `in.<form>.<name>` */
  readonly id: string;
  readonly label: string;
  readonly isRequired?: true;
  readonly errorMessage?: string;
}

export type Input =
  | (InputBase & {
      readonly type: 'Input.Text';
      readonly isMultiline?: true;
      readonly maxLength: number;
      readonly regex?: string;
      readonly style?: 'email' | 'url';
      readonly placeholder?: string;
    })
  | (InputBase & { readonly type: 'Input.Number'; readonly min?: number; readonly max?: number })
  | (InputBase & { readonly type: 'Input.Date' })
  | (InputBase & { readonly type: 'Input.Toggle'; readonly title: string; readonly wrap: true })
  | (InputBase & {
      readonly type: 'Input.ChoiceSet';
      readonly choices: readonly { readonly title: string; readonly value: string }[];
      readonly style: 'compact' | 'expanded';
      readonly isMultiSelect?: true;
      readonly wrap: true;
    });

export type Element = RichTextBlock | TextBlock | Container | ColumnSet | ActionSet | Input;

type Style = 'positive' | 'destructive';

export interface OpenUrl {
  readonly type: 'Action.OpenUrl';
  readonly url: string;
  readonly title?: string;
  readonly tooltip?: string;
}

/** What a click sends: an opaque control, to which Teams adds the inputs. */
export interface ControlData {
  readonly k: string;
}

export interface Execute {
  readonly type: 'Action.Execute';
  readonly title: string;
  /** Never empty: Teams sends no click without it. */
  readonly verb: string;
  readonly data: ControlData;
  /** `none`: an empty input elsewhere must not hold the click up. */
  readonly associatedInputs?: 'none';
  readonly style?: Style;
  /** For clients that don't know Execute. */
  readonly fallback?: {
    readonly type: 'Action.Submit';
    readonly title: string;
    readonly data: ControlData & { readonly verb: string };
    readonly associatedInputs?: 'none';
    readonly style?: Style;
  };
}

export interface ShowCard {
  readonly type: 'Action.ShowCard';
  readonly title: string;
  readonly style?: Style;
  readonly card: {
    readonly type: 'AdaptiveCard';
    readonly body: readonly Element[];
    readonly actions?: readonly (Execute | OpenUrl)[];
  };
}

export type Action = Execute | OpenUrl | ShowCard;

/** Somebody who is called: `id` is their account in Teams (`29:…`) or their Entra object id. */
export interface Mention {
  readonly id: string;
  readonly name: string;
}

export interface Card {
  readonly $schema: 'http://adaptivecards.io/schemas/adaptive-card.json';
  readonly type: 'AdaptiveCard';
  readonly version: '1.5';
  /** What clients say that can't draw the card. */
  readonly fallbackText: string;
  readonly body: readonly Element[];
  readonly actions?: readonly Action[];
  readonly refresh?: { readonly action: Execute; readonly userIds: readonly string[] };
  readonly msteams: {
    readonly width: 'Full';
    readonly entities?: readonly {
      readonly type: 'mention';
      readonly text: string;
      readonly mentioned: Mention;
    }[];
  };
}

export const cardOf = (
  fallbackText: string,
  body: readonly Element[],
  rest: Pick<Card, 'actions' | 'refresh'> = {},
): Card => ({
  $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
  type: 'AdaptiveCard',
  version: '1.5',
  fallbackText,
  body,
  ...(rest.actions === undefined || rest.actions.length === 0 ? {} : { actions: rest.actions }),
  ...(rest.refresh === undefined ? {} : { refresh: rest.refresh }),
  msteams: { width: 'Full' },
});
