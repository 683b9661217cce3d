export interface Category {
  readonly code: string;
  readonly description: string;
}

const CODE = /^\d{4}$/;

/** Says whether `text` has the form of an ISO 18245 code; whether the code is on the list, the table knows. */
export function isCategoryCode(text: string): boolean {
  return CODE.test(text);
}

const LINE = /^(\d{4}),(?:"((?:[^"]|"")*)"|([^",]*))$/;

/**
 * Reads the published list: a heading, then one code and its description a line, quoted (RFC 4180) where it has commas.
 * Throws for any line that it cannot read whole and for a code that comes twice.
 */
export function parseCategoryList(csv: string): Category[] {
  const lines = csv.split(/\r?\n/).filter((line) => line !== '');
  if (lines.shift() !== 'mcc,description') throw new Error('the list of category codes has an unknown heading');
  const categories = new Map<string, Category>();
  for (const line of lines) {
    const [, code, quoted, plain] = LINE.exec(line) ?? [];
    const description = (quoted?.replaceAll('""', '"') ?? plain ?? '').trim();
    if (!code || !description) throw new Error(`the list of category codes has an unreadable line: ${line}`);
    if (categories.has(code)) throw new Error(`the list of category codes has ${code} twice`);
    categories.set(code, { code, description });
  }
  return [...categories.values()];
}
