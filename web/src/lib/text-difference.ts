// How far two texts that begin to differ at once go on differing: what to mark, when what follows is
// the same again.

/** So many characters in a row are the same text again, not chance. */
const SAME = 12;
/** Texts longer than this are compared up to here. */
const REACH = 400;

/**
 * Lengths of the two differing heads. Where the texts do not meet again they differ to their ends.
 */
export function differingHeads(a: string, b: string): readonly [number, number] {
  const [lengthA, lengthB] = [Math.min(a.length, REACH), Math.min(b.length, REACH)];
  // The shortest heads together first; of these the most even ones.
  for (let both = 0; both <= lengthA + lengthB; both++) {
    const even = Math.floor(both / 2);
    for (let skew = 0; skew <= both + 1; skew++) {
      const headA = even + (skew % 2 === 0 ? skew / 2 : -(skew + 1) / 2);
      const headB = both - headA;
      if (headA < 0 || headB < 0 || headA > lengthA || headB > lengthB) continue;
      if (meets(a, b, headA, headB)) return [headA, headB];
    }
  }
  return [a.length, b.length];
}

function meets(a: string, b: string, headA: number, headB: number): boolean {
  const length = Math.min(SAME, a.length - headA, b.length - headB);
  if (length < SAME) return false;
  return a.startsWith(b.slice(headB, headB + length), headA);
}
