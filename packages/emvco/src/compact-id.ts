const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
const COMPACT = /^[\w-]{22}$/;

/** Writes a UUID in 22 characters (base64url): a template of 99 has room for three of them, and for none of 36. */
export function compactId(uuid: string): string {
  const lower = uuid.toLowerCase();
  if (!UUID.test(lower)) throw new RangeError(`not a UUID: ${JSON.stringify(uuid)}`);
  return Buffer.from(lower.replaceAll('-', ''), 'hex').toString('base64url');
}

/** Reads what {@link compactId} wrote; undefined for everything else, also for a second spelling of the same id. */
export function expandedId(text: string | undefined): string | undefined {
  if (text === undefined || !COMPACT.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) return undefined;
  return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}
