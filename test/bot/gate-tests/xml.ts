/** test/bot/gate-tests/xml.ts: reads XML as strictly as the standard asks of a document without a DTD. */

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** @throws where it is not well formed */
export function readXml(source: string): Element {
  if (/(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(source)) throw new Error('holds a character that XML has not');
  const rest = { at: source.indexOf('?>') + 2 };
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const found = new RegExp(pattern.source, `${pattern.flags.replace('y', '')}y`);
    found.lastIndex = rest.at;
    const match = found.exec(source);
    if (match !== null) rest.at = found.lastIndex;
    return match;
  };
  const plain = (text: string): string => {
    if (text.includes('<') || text.includes(']]>')) throw new Error(`holds markup: ${text}`);
    return text.replace(/&([^;]*);?/g, (whole, name: string) => {
      const character = ENTITIES[name];
      if (character === undefined || !whole.endsWith(';')) throw new Error(`no entity: ${whole}`);
      return character;
    });
  };
  const element = (): Element => {
    const name = take(/<([A-Za-z]+)/)?.[1];
    if (name === undefined) throw new Error(`no element at ${rest.at}: ${source.slice(rest.at, rest.at + 40)}`);
    const attributes: Record<string, string> = {};
    for (;;) {
      const attribute = take(/\s+([a-z]+)="([^"]*)"/);
      if (attribute === null) break;
      const [, key = '', value = ''] = attribute;
      if (Object.hasOwn(attributes, key)) throw new Error(`the attribute ${key} is there twice`);
      attributes[key] = plain(value);
    }
    if (take(/\/>/) !== null) return { name, attributes, children: [], text: '' };
    if (take(/>/) === null) throw new Error(`the tag of ${name} does not end`);
    const children: Element[] = [];
    let text = '';
    for (;;) {
      text += plain(take(/[^<]*/)?.[0] ?? '');
      if (take(new RegExp(`</${name}>`)) !== null) return { name, attributes, children, text };
      children.push(element());
    }
  };
  take(/\s*/);
  const root = element();
  take(/\s*/);
  if (rest.at !== source.length) throw new Error('goes on after its end');
  return root;
}
