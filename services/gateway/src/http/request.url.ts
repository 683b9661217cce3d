// Two leading slashes, of either kind, would name a host; a host that is none would throw.
const LEADING_SLASHES = /^[/\\]+/;

/** Gives path and parameters of a request line, whatever a client wrote there; null for what is no path at all. */
export function requestUrl(line: string | undefined): URL | null {
  try {
    return new URL((line ?? '/').replace(LEADING_SLASHES, '/'), 'http://gateway');
  } catch {
    return null;
  }
}
