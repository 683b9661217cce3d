/** More are not told of one answer: a document can ask for the same field many times. */
const CODES_MAX = 10;

/**
 * Gives the codes of the refusals (`userErrors`) in an answer's data, without repeats and at most ten: so that the log tells a sign-in that
 * failed from one that did not. Nothing else of an answer is looked at.
 */
export function refusalCodes(data: unknown): string[] {
  const codes = new Set<string>();
  if (typeof data !== 'object' || data === null) return [];
  for (const payload of Object.values(data) as ({ userErrors?: unknown } | null)[]) {
    const refusals = payload?.userErrors;
    if (!Array.isArray(refusals)) continue;
    for (const refusal of refusals as ({ code?: unknown } | null)[]) {
      if (typeof refusal?.code === 'string' && codes.size < CODES_MAX) codes.add(refusal.code);
    }
  }
  return [...codes];
}
