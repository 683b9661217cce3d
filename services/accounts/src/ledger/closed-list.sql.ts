/**
 * Adds words to a constraint that holds a text column to a closed list, whatever words it has by then: branches that add words beside each
 * other need not know of each other's. New rows keep it at once; the migration after validates it.
 */
export function withWords(place: { readonly table: string; readonly column: string; readonly constraint: string }, words: readonly string[]): string {
  const { table, column, constraint } = place;
  return `DO $words$
    DECLARE listed text;
    BEGIN
      SELECT string_agg(quote_literal(word), ', ' ORDER BY word) INTO listed FROM (
        SELECT (regexp_matches(pg_get_constraintdef(oid), '''([A-Z0-9_]+)''', 'g'))[1] AS word FROM pg_constraint
          WHERE conname = '${constraint}' AND conrelid = '${table}'::regclass
        UNION SELECT unnest('{${words.join(',')}}'::text[])) w;
      EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I, ADD CONSTRAINT %I CHECK (%I IN (%s)) NOT VALID', '${table}', '${constraint}', '${constraint}',
        '${column}', listed);
    END $words$;`;
}
