/**
 * test/adapters/slack/preview-page.ts: blocks as an HTML page that looks like Slack, for looking at what we draw. It
 * reads mrkdwn as Slack does as far as we use it, and throws at a block that it does not know.
 */
import type { types } from '@slack/bolt';

type Element = types.ActionsBlock['elements'][number] | types.InputBlock['element'];
type Text = types.TextObject;

const safe = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** The few signs that a bare machine has no colour font for. */
const SIGNS: Readonly<Record<string, string>> = {
  '✅': '<rect x="1" y="1" width="14" height="14" rx="3" fill="#2eb67d"/><path d="M4 8.5l2.8 2.8L12 5.5" stroke="#fff" stroke-width="2" fill="none"/>',
  '❌': '<path d="M3 3l10 10M13 3L3 13" stroke="#e01e5a" stroke-width="3" stroke-linecap="round"/>',
  '🚫': '<circle cx="8" cy="8" r="6" fill="none" stroke="#e01e5a" stroke-width="2.4"/><path d="M4 4l8 8" stroke="#e01e5a" stroke-width="2.4"/>',
  '🚨': '<path d="M3 14h10v-2H3zM4.5 11V8a3.5 3.5 0 017 0v3z" fill="#e01e5a"/><path d="M8 1v2M2.5 4l1.5 1M13.500 4l-1.500 1" stroke="#e01e5a" stroke-width="1.500"/>',
  '⚠': '<path d="M8 1.500L15 14H1z" fill="#ecb22e"/><path d="M8 6v4M8 11.500v1" stroke="#3b2f00" stroke-width="1.600"/>',
  '⏳': '<path d="M4 1.500h8v2.500l-3 4 3 4v2.500H4v-2.500l3-4-3-4z" fill="#ecb22e" stroke="#8a6a1f"/>',
  '⏸': '<rect x="1" y="1" width="14" height="14" rx="3" fill="#1264a3"/><path d="M6 5v6M10 5v6" stroke="#fff" stroke-width="2"/>',
  '❓': '<path d="M5.500 5.500a2.500 2.500 0 115 0c0 2-2.500 2-2.500 4M8 12v1.500" stroke="#e01e5a" stroke-width="2.200" fill="none"/>',
};

const signs = (html: string): string =>
  html.replace(/[✅❌🚫🚨⚠⏳⏸❓]\ufe0f?/gu, (sign) => {
    const drawing = SIGNS[sign.replace('\ufe0f', '')] ?? '';
    return `<svg class="emoji" viewBox="0 0 16 16" role="img">${drawing}</svg>`;
  });

/** `<…>` as Slack reads it: a date, a mention, a link. */
function angle(inside: string): string {
  const [target = '', label] = inside.split('|');
  if (target.startsWith('!date^')) {
    const at = new Date(Number(target.split('^')[1]) * 1000);
    return at
      .toLocaleString('en', { timeZone: 'Europe/Lisbon', hour: 'numeric', minute: '2-digit' })
      .replace(/^/, 'Today at ');
  }
  if (/^[@#!]/.test(target)) return `<span class="mention">${safe(label ?? target)}</span>`;
  return `<a href="#">${label ?? target}</a>`;
}

/** One line: entities stay entities, since what is left of the text is HTML already. */
function inline(text: string): string {
  const kept: string[] = [];
  const keep = (html: string): string => `\ue000${kept.push(html) - 1}\ue001`;
  const formatted = text
    .replace(/`([^`\n]+)`/g, (_, inside: string) => keep(`<code>${inside}</code>`))
    .replace(/<([^>]+)>/g, (_, inside: string) => keep(angle(inside)))
    .replace(/:[a-z0-9_+-]+:/g, (name) => keep(`<span class="mention">${name}</span>`))
    .replace(/(^|[^\p{L}\p{N}])\*(\S(?:[^*\n]*\S)?)\*(?![\p{L}\p{N}])/gu, '$1<b>$2</b>')
    .replace(/(^|[^\p{L}\p{N}])_(\S(?:[^_\n]*\S)?)_(?![\p{L}\p{N}])/gu, '$1<i>$2</i>')
    .replace(/(^|[^\p{L}\p{N}])~(\S(?:[^~\n]*\S)?)~(?![\p{L}\p{N}])/gu, '$1<s>$2</s>');
  const restore = (html: string): string =>
    html.replace(/\ue000(\d+)\ue001/g, (_, at: string) => restore(kept[Number(at)] ?? ''));
  return restore(formatted);
}

function mrkdwn(text: string): string {
  const rows = text
    .split('\n')
    .map((row) => ({ isQuote: /^(&gt;|>) ?/.test(row), html: inline(row.replace(/^(&gt;|>) ?/, '')) }));
  let html = '';
  rows.forEach(({ isQuote, html: row }, i) => {
    if (isQuote && rows[i - 1]?.isQuote !== true) html += '<blockquote>';
    html += `${row}${isQuote && rows[i + 1]?.isQuote !== true ? '</blockquote>' : i < rows.length - 1 ? '<br>' : ''}`;
  });
  return html.replaceAll('<br><blockquote>', '<blockquote>');
}

const text = (part: Text): string =>
  signs(part.type === 'mrkdwn' ? mrkdwn(part.text) : safe(part.text).replaceAll('\n', '<br>'));

function element(part: Element): string {
  switch (part.type) {
    case 'button':
      return `<button class="${part.style ?? ''}">${text(part.text)}</button>`;
    case 'overflow':
      return '<button class="dots">⋯</button>';
    case 'plain_text_input':
      return `<div class="input ${part.multiline === true ? 'tall' : ''}"></div>`;
    case 'email_text_input':
      return '<div class="input"><span>name@example.com</span></div>';
    case 'url_text_input':
      return '<div class="input"><span>https://example.com</span></div>';
    case 'number_input':
      return '<div class="input"></div>';
    case 'datepicker':
      return '<div class="input menu"><span>Select a date</span></div>';
    case 'datetimepicker':
      return '<div class="input menu"><span>Select a date and time</span></div>';
    case 'users_select':
    case 'static_select':
    case 'multi_static_select':
      return `<div class="input menu"><span>${part.placeholder === undefined ? 'Select an item' : text(part.placeholder)}</span></div>`;
    case 'radio_buttons':
    case 'checkboxes':
      return part.options
        .map(
          (option) =>
            `<label><input type="${part.type === 'checkboxes' ? 'checkbox' : 'radio'}">${text(option.text)}</label>`,
        )
        .join('');
    default:
      throw new RangeError(`the preview can't draw ${part.type}`);
  }
}

function block(part: types.KnownBlock): string {
  switch (part.type) {
    case 'header':
      return `<h3>${text(part.text)}</h3>`;
    case 'section': {
      const fields = (part.fields ?? []).map((field) => `<div>${text(field)}</div>`).join('');
      const accessory = part.accessory?.type === 'button' ? `<aside>${element(part.accessory)}</aside>` : '';
      return `<div class="section"><div>${part.text === undefined ? '' : text(part.text)}${fields === '' ? '' : `<div class="fields">${fields}</div>`}</div>${accessory}</div>`;
    }
    case 'context':
      return `<div class="context">${part.elements.map((each) => (each.type === 'image' ? '' : text(each))).join(' ')}</div>`;
    case 'divider':
      return '<hr>';
    case 'actions':
      return `<div class="actions">${part.elements.map(element).join('')}</div>`;
    case 'input':
      return `<div class="field"><b>${text(part.label)}</b>${part.optional === true ? ' <i>(optional)</i>' : ''}${element(part.element)}${part.hint === undefined ? '' : `<small>${text(part.hint)}</small>`}</div>`;
    default:
      throw new RangeError(`the preview can't draw ${part.type}`);
  }
}

const known = (blocks: readonly types.AnyBlock[]): types.KnownBlock[] =>
  blocks.filter((each): each is types.KnownBlock => each.type !== 'unknown');

const draw = (blocks: readonly types.AnyBlock[]): string => known(blocks).map(block).join('');

/** A message in a channel, by the app. */
export const messageHtml = (blocks: readonly types.KnownBlock[]): string => `
  <article class="message"><div class="avatar">C</div><div><p class="by"><b>Countersign</b> <span>APP</span> 9:30 AM</p>${draw(blocks)}</div></article>`;

/** A modal with its title and buttons. */
export const modalHtml = (view: types.ModalView): string => `
  <article class="modal"><header><i>C</i><b>${text(view.title)}</b></header><div class="scroll">${draw(view.blocks)}</div>
  <footer>${view.close === undefined ? '' : `<button>${text(view.close)}</button>`}${view.submit === undefined ? '' : `<button class="primary">${text(view.submit)}</button>`}</footer></article>`;

export const homeHtml = (view: types.HomeView): string => `<article class="home">${draw(view.blocks)}</article>`;

const STYLE = `
  :root { --ink:#1d1c1d; --soft:#616061; --line:#dddddd; --bar:#dddddd; --back:#fff; --code:#e01e5a; --codeback:#f6f6f6; --link:#1264a3; --edge:#bbb; }
  .dark { color-scheme:dark; --ink:#d1d2d3; --soft:#ababad; --line:#35373b; --bar:#4a4d52; --back:#1a1d21; --code:#e8912d; --codeback:#232529; --link:#1d9bd1; --edge:#565856; }
  * { box-sizing:border-box } body { margin:0; font:15px/1.46668 Lato,'Open Sans',sans-serif; color:var(--ink); background:var(--back); padding:18px; display:inline-block } article { width:644px }
  article.message { display:grid; grid-template-columns:36px 1fr; gap:8px } .avatar { width:36px; height:36px; border-radius:6px; background:#2f5d50; color:#fff; font-weight:700; display:grid; place-items:center }
  .by { margin:0 0 4px; font-size:13px; color:var(--soft) } .by b { font-size:15px; color:var(--ink) } .by span { font-size:10px; background:var(--codeback); border-radius:2px; padding:1px 3px }
  h3 { font-size:18px; line-height:1.33; margin:8px 0 4px; overflow-wrap:anywhere } .section { display:flex; justify-content:space-between; gap:16px; margin:8px 0; overflow-wrap:anywhere } .section > div { flex:1; min-width:0 }
  .fields { display:grid; grid-template-columns:1fr 1fr; gap:8px 16px } .context { font-size:13px; color:var(--soft); margin:6px 0; line-height:1.38; overflow-wrap:anywhere } .context b { font-weight:700 }
  blockquote { margin:4px 0; padding-left:12px; border-left:4px solid var(--bar) } a { color:var(--link); text-decoration:none } hr { border:0; border-top:1px solid var(--line); margin:14px 0 }
  code { font:12px/1.5 'DejaVu Sans Mono',monospace; color:var(--code); background:var(--codeback); border:1px solid var(--line); border-radius:3px; padding:2px 3px; overflow-wrap:anywhere }
  .actions { display:flex; flex-wrap:wrap; gap:8px; margin:10px 0 } button { font:700 13px 'Open Sans',sans-serif; color:var(--ink); background:var(--back); border:1px solid var(--edge); border-radius:4px; padding:0 12px; height:30px }
  button.primary { background:#007a5a; border-color:#007a5a; color:#fff } button.danger { background:#e01e5a; border-color:#e01e5a; color:#fff } button.dots { padding:0 8px } .emoji { width:1.15em; height:1.15em; vertical-align:-.2em }
  .mention { color:var(--link); background:rgba(29,155,209,.12); border-radius:3px; padding:0 2px }
  .modal { width:520px; border:1px solid var(--line); border-radius:8px; overflow:hidden } .modal header { display:flex; gap:10px; align-items:center; padding:14px 20px; border-bottom:1px solid var(--line); font-size:18px } .modal header i { width:28px; height:28px; border-radius:5px; background:#2f5d50; color:#fff; font:700 14px/28px 'Open Sans'; text-align:center }
  .scroll { padding:8px 20px 16px } .modal footer { display:flex; justify-content:flex-end; gap:10px; padding:14px 20px; border-top:1px solid var(--line) } .field { margin:14px 0 } .field > i { color:var(--soft) } .field label { display:flex; gap:8px; margin:6px 0; align-items:center } small { display:block; color:var(--soft); margin-top:4px }
  .input { border:1px solid var(--edge); border-radius:4px; height:36px; margin-top:6px; padding:6px 12px; color:var(--soft) } .tall { height:84px } .menu::after { content:'⌄'; float:right }`;

/**
 * A whole page with what `messageHtml`, `modalHtml` or `homeHtml` made.
 * @param fonts CSS that brings "Open Sans", which is as near to Slack's own letters as a free font gets
 */
export const pageHtml = (body: string, theme: 'light' | 'dark', fonts = ''): string =>
  `<!doctype html><html lang="en" class="${theme}"><meta charset="utf-8"><style>${fonts}${STYLE}</style><body>${body}</body></html>`;
