import { type DocumentNode, GraphQLError, Kind, type SelectionSetNode, visit } from 'graphql';

export const DIRECTIVES_MAX = 50;
export const SPREADS_MAX = 50;
/** How often one selection may name the same field: whether they can be merged is found out pair by pair. */
export const REPEATS_MAX = 10;

const refused = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });

function repeatsIn({ selections }: SelectionSetNode): number {
  const seen = new Map<string, number>();
  let most = 0;
  for (const node of selections) {
    if (node.kind !== Kind.FIELD) continue;
    const key = (node.alias ?? node.name).value;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    most = Math.max(most, count);
  }
  return most;
}

/**
 * Refuses documents that are made to keep validation busy, in one walk over them before it begins.
 * @throws GraphQLError
 */
export function refuseFloods(document: DocumentNode): void {
  let directives = 0;
  let spreads = 0;
  let repeats = 0;
  visit(document, {
    Directive: () => void directives++,
    FragmentSpread: () => void spreads++,
    InlineFragment: () => void spreads++,
    SelectionSet: (set) => void (repeats = Math.max(repeats, repeatsIn(set))),
  });
  if (directives > DIRECTIVES_MAX) {
    throw refused(`The document has ${directives} directives; ${DIRECTIVES_MAX} are allowed.`);
  }
  if (spreads > SPREADS_MAX) throw refused(`The document spreads ${spreads} fragments; ${SPREADS_MAX} are allowed.`);
  if (repeats > REPEATS_MAX) throw refused(`A selection repeats a field ${repeats} times; ${REPEATS_MAX} are allowed.`);
}
