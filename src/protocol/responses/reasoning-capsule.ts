// The `encrypted_content` of reasoning items. Agents of the Codex family drop the readable text and
// send back only this field, so the reasoning itself travels in it: the server stays stateless and
// a tool loop in thinking mode keeps its reasoning. It hides nothing, since the client has just
// read the same text, and proves nothing, since a client may send any reasoning as its own.

const MARK = 'hadal.r1.';

/** Base64url without padding, so that the text needs no escaping anywhere. */
export function sealReasoning(text: string): string {
  return MARK + Buffer.from(text, 'utf8').toString('base64url');
}

/** undefined for a capsule of another service, whose content nobody here can read. */
export function openReasoning(capsule: string): string | undefined {
  if (!capsule.startsWith(MARK)) return undefined;
  return Buffer.from(capsule.slice(MARK.length), 'base64url').toString('utf8');
}
