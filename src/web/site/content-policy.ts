// What the page may do, told to the browser: scripts, styles, fonts and connections of this server
// only. Diagrams are drawn in a frame of its own, which has no origin, no cookies and no connections,
// because their library writes style elements and its input is a model's output.

export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const DIAGRAM_POLICY = [
  "default-src 'none'",
  // 'self' is where the frame's document came from, although the frame itself has no origin.
  "script-src 'self'",
  // The library writes style elements into its drawings.
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  'sandbox allow-scripts',
].join('; ');

export const DIAGRAM_FRAME = '/diagram.html';

export function policyOf(path: string): string {
  return path === DIAGRAM_FRAME ? DIAGRAM_POLICY : PAGE_POLICY;
}
