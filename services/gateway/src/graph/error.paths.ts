import type { GraphQLFormattedError } from 'graphql';

type Path = NonNullable<GraphQLFormattedError['path']>;

const isOutage = (error: GraphQLFormattedError): boolean => error.extensions?.['retryable'] === true;

// A field that the plan asked for and the client did not is not in the data: its parent stands for it.
function toNull(path: Path, data: unknown): Path {
  let value = data;
  for (const [index, key] of path.entries()) {
    if (typeof value !== 'object' || value === null) return path;
    value = (value as Record<string | number, unknown>)[key];
    if (value === undefined) return path.slice(0, index);
    if (value === null) return path.slice(0, index + 1);
  }
  return path;
}

/**
 * Makes errors of an outage point at the nulls that it left: a field that may not be null takes its parent along, and
 * of several that took the same parent one is told.
 */
export function pointAtNulls(
  errors: readonly GraphQLFormattedError[],
  data: unknown,
): readonly GraphQLFormattedError[] {
  const seen = new Set<string>();
  return errors.flatMap((error) => {
    if (!isOutage(error) || !error.path) return [error];
    const path = toNull(error.path, data);
    const key = JSON.stringify([error.extensions?.['code'], path]);
    if (seen.has(key)) return [];
    seen.add(key);
    return [path.length ? { ...error, path } : error];
  });
}
