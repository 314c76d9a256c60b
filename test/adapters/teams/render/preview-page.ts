/**
 * test/adapters/teams/render/preview-page.ts: a page that looks like a chat in Teams, in which the official renderer
 * draws a card, for looking at what we send. Teams has a renderer of its own kind; this is the same library with Teams'
 * settings.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Card } from '../../../../src/adapters/teams/render/index.ts';
import { hostConfig } from './adaptive.ts';

export type Theme = 'light' | 'dark';

const require = createRequire(import.meta.url);
/** A script as an address, so that nothing in it ends the page's own. */
const script = (file: string): string => {
  const text = readFileSync(require.resolve(file)).toString('base64');
  return `<script src="data:text/javascript;base64,${text}"></script>`;
};
const libraries = `${script('markdown-it/browser')}${script('adaptivecards/dist/adaptivecards.min.js')}`;

/** The sample has the light theme only; these are the same places in the dark one. */
const DARK: Readonly<Record<string, string>> = {
  '#ff252424': '#ffffff',
  '#bf252424': '#c8c6c4',
  '#252424': '#ffffff',
  '#ffffff': '#292929',
  '#eeeeee': '#3d3d3d',
  '#f3f2f1': '#333333',
  '#fff9f8f7': '#242424',
  '#6264a7': '#9299f7',
  '#c4314b': '#f1707b',
};

/** The few signs that a bare machine has no colour font for. */
const SIGNS: Readonly<Record<string, string>> = {
  '✅': '<rect x="1" y="1" width="14" height="14" rx="3" fill="#13a10e"/><path d="M4 8.5l2.8 2.8L12 5.5" stroke="#fff" stroke-width="2" fill="none"/>',
  '❌': '<path d="M3 3l10 10M13 3L3 13" stroke="#c4314b" stroke-width="3" stroke-linecap="round"/>',
  '🚫': '<circle cx="8" cy="8" r="6" fill="none" stroke="#c4314b" stroke-width="2.4"/><path d="M4 4l8 8" stroke="#c4314b" stroke-width="2.4"/>',
  '🚨': '<path d="M3 14h10v-2H3zM4.5 11V8a3.5 3.5 0 017 0v3z" fill="#c4314b"/><path d="M8 1v2M2.5 4l1.5 1M13.5 4L12 5" stroke="#c4314b" stroke-width="1.5"/>',
  '⚠': '<path d="M8 1.5L15 14H1z" fill="#eaa300"/><path d="M8 6v4M8 11.5v1" stroke="#3b2f00" stroke-width="1.6"/>',
  '⏳': '<path d="M4 1.5h8V4L9 8l3 4v2.5H4V12l3-4-3-4z" fill="#eaa300" stroke="#8a6a1f"/>',
  '⏸': '<rect x="1" y="1" width="14" height="14" rx="3" fill="#6264a7"/><path d="M6 5v6M10 5v6" stroke="#fff" stroke-width="2"/>',
  '❓': '<path d="M5.5 5.5a2.5 2.5 0 115 0c0 2-2.5 2-2.5 4M8 12v1.5" stroke="#c4314b" stroke-width="2.2" fill="none"/>',
};

function configOf(theme: Theme): string {
  const light = JSON.stringify(hostConfig).replaceAll("'Segoe UI'", "'Open Sans'");
  return theme === 'light'
    ? light
    : light.replace(/#[0-9a-f]{6,8}/gi, (colour) => DARK[colour.toLowerCase()] ?? colour);
}

const styleOf = (theme: Theme, fonts: string): string => {
  const dark = theme === 'dark';
  const [ground, card, line, text, button] = dark
    ? ['#1f1f1f', '#292929', '#3d3d3d', '#ffffff', '#333333']
    : ['#f5f5f5', '#ffffff', '#e0e0e0', '#252424', '#ffffff'];
  const looks = dark
    ? { accent: '#2f2f4a', good: '#1c3320', attention: '#45222a', warning: '#463a14', emphasis: '#333333' }
    : { accent: '#e8ebfa', good: '#e7f2da', attention: '#fcf4f6', warning: '#fbf6d9', emphasis: '#f5f5f5' };
  return `${fonts}
    * { box-sizing: border-box } body, button, input, textarea, select { font-family: 'Open Sans', sans-serif }
    body { margin: 0; padding: 16px; background: ${ground}; color: ${text}; width: 716px; font-size: 14px }
    .from { display: flex; gap: 10px; align-items: baseline; margin: 0 0 6px 44px; font-size: 12px; opacity: .8 }
    .row { display: flex; gap: 12px } .face { flex: none; width: 32px; height: 32px; border-radius: 8px; background: #5b5fc7;
      color: #fff; display: grid; place-items: center; font-weight: 700 }
    .card { flex: 1; min-width: 0; background: ${card}; border: 1px solid ${line}; border-radius: 6px; overflow: hidden }
    .card p { margin: 0 } at { color: ${dark ? '#9299f7' : '#4f52b2'} } a { color: ${dark ? '#9299f7' : '#4f52b2'}; text-decoration: none }
    .sign { width: 1em; height: 1em; vertical-align: -.12em; margin-right: .15em }
    .look-accent { background: ${looks.accent} !important } .look-good { background: ${looks.good} !important }
    .look-attention { background: ${looks.attention} !important } .look-warning { background: ${looks.warning} !important }
    .look-emphasis { background: ${looks.emphasis} !important; border-radius: 4px }
    .ac-pushButton { border: 1px solid ${dark ? '#666' : '#d1d1d1'}; background: ${button}; color: ${text}; border-radius: 4px;
      padding: 5px 14px; font-size: 14px; font-weight: 600; min-height: 32px }
    .ac-pushButton.style-positive { background: #5b5fc7; border-color: #5b5fc7; color: #fff }
    .ac-pushButton.style-destructive { color: ${dark ? '#f1707b' : '#c4314b'} }
    .ac-pushButton.expanded { outline-offset: -2px; outline: 2px solid ${dark ? '#9299f7' : '#5b5fc7'} }
    input.ac-input:not([type=radio]):not([type=checkbox]), textarea.ac-input, select.ac-input { width: 100%; font-size: 14px; padding: 6px 10px; border-radius: 4px;
      border: 1px solid ${dark ? '#666' : '#d1d1d1'}; background: ${dark ? '#1f1f1f' : '#fff'}; color: ${text} }
    textarea.ac-input { min-height: 56px; resize: none }`;
};

export function pageHtml(card: Card, theme: Theme, fonts: string): string {
  const inline = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');
  return `<!doctype html><meta charset="utf-8"><style>${styleOf(theme, fonts)}</style>
    <div class="from"><b>Countersign</b> 10:30</div><div class="row"><div class="face">C</div><div class="card"></div></div>
    ${libraries}
    <script type="module">
      const { AdaptiveCard, HostConfig, SerializationContext, Versions, Container } = window.AdaptiveCards;
      const safe = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
      // With HTML, which no client allows: text that is harmless here is harmless there.
      const markdown = window.markdownit({ html: true, linkify: true });
      AdaptiveCard.onProcessMarkdown = (text, result) => {
        result.outputHtml = markdown.render(text);
        result.didProcess = true;
      };
      const card = new AdaptiveCard();
      card.hostConfig = new HostConfig(${configOf(theme).replaceAll('<', '\\u003c')});
      window.clicks = [];
      card.onExecuteAction = ({ verb, data, url }) => window.clicks.push({ verb, data, url });
      card.parse(${inline(card)}, new SerializationContext(Versions.v1_5));
      document.querySelector('.card').append(card.render());
      const paint = (item) => {
        if (item instanceof Container && item.style && item.style !== 'default' && item.renderedElement)
          item.renderedElement.classList.add('look-' + item.style);
        for (let i = 0; i < (item.getItemCount?.() ?? 0); i++) paint(item.getItemAt(i));
      };
      paint(card);
      const signs = ${inline(SIGNS)};
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const texts = [];
      while (walk.nextNode()) texts.push(walk.currentNode);
      for (const node of texts) {
        if (!node.parentElement || node.parentElement.closest('script,style') || !/[✅❌🚫🚨⚠⏳⏸❓]/u.test(node.data)) continue;
        const span = document.createElement('span');
        span.innerHTML = safe(node.data).replace(/([✅❌🚫🚨⚠⏳⏸❓])\\ufe0f?/gu, (_, sign) => '<svg class="sign" viewBox="0 0 16 16">' + signs[sign] + '</svg>');
        node.replaceWith(span);
      }
    </script>`;
}
