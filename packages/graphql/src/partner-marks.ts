import type { GraphQLSchema } from 'graphql';

const SHOWN = new Set<string>();

/** Shows enums and scalars at the partners' door, by their names: neither takes a decorator. */
export function showToPartners(...names: readonly string[]): void {
  for (const name of names) SHOWN.add(name);
}

/** Writes the marks of {@link showToPartners} on the types of a schema, where its SDL is printed from. */
export function markForPartners(schema: GraphQLSchema): void {
  for (const name of SHOWN) {
    const type = schema.getType(name);
    if (type) type.extensions = { ...type.extensions, directives: { tag: { name: 'partner' } } };
  }
}
