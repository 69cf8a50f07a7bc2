// Draws diagrams inside a frame without origin: no cookies, no connections, no way to the page but the
// messages below (site/content-policy.ts, diagram-messages.ts).

import mermaid from 'mermaid';
import { withoutHtml } from '../lib/diagram-source.js';
import type { DiagramAnswer, DiagramOrder } from './diagram-messages.js';

const FONT = 'ui-sans-serif, system-ui, "PingFang SC", "Microsoft YaHei", sans-serif';

let last: { order: DiagramOrder; drawing: HTMLElement } | undefined;
let count = 0;

function say(answer: DiagramAnswer): void {
  // Only pages of this server may hold the frame (frame-ancestors).
  parent.postMessage(answer, '*');
}

async function draw(order: DiagramOrder): Promise<void> {
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    theme: order.isDark ? 'dark' : 'default',
    fontFamily: FONT,
    // Labels are text of the drawing, not HTML.
    htmlLabels: false,
    flowchart: { htmlLabels: false },
    class: { htmlLabels: false },
    suppressErrorRendering: true,
    maxTextSize: 50_000,
    maxEdges: 500,
  });
  document.documentElement.style.colorScheme = order.isDark ? 'dark' : 'light';
  const drawing = document.createElement('div');
  const { svg } = await mermaid.render(`diagram-${++count}`, withoutHtml(order.source));
  drawing.innerHTML = svg;
  last?.drawing.remove();
  last = { order, drawing };
  document.body.append(drawing);
  tellHeight();
}

function tellHeight(): void {
  if (last) say({ type: 'drawn', height: Math.ceil(document.body.getBoundingClientRect().height) });
}

addEventListener('message', ({ source, data }: MessageEvent<DiagramOrder>) => {
  if (source !== parent || data?.type !== 'draw') return;
  draw(data).catch((error: unknown) => {
    say({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  });
});
addEventListener('resize', tellHeight);

const { style } = document.body;
style.margin = '0';
style.padding = '16px';
style.overflowX = 'auto';
style.textAlign = 'center';
say({ type: 'ready' });
