// Draws diagrams inside a frame without origin; see site/content-policy.ts.
