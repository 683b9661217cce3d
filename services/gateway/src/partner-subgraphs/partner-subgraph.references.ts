import { namesOf, type Question } from '@tael/partner-graph';
import { type DocumentNode, Kind } from 'graphql';

/** Makes what leaves: of things of ours `__typename` and `id`, whatever a plan has put beside them. */
export function createReferenceFilter(slug: string): (question: Question) => Readonly<Record<string, unknown>> {
  const prefix = namesOf(slug)!.type;
  const named = new WeakMap<DocumentNode, readonly string[]>();

  function referencesIn(document: DocumentNode): readonly string[] {
    const known = named.get(document);
    if (known) return known;
    const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
    const names = (operation?.variableDefinitions ?? []).flatMap(({ variable, type }) => {
      let inner = type;
      while (inner.kind !== Kind.NAMED_TYPE) inner = inner.type;
      return inner.name.value === '_Any' ? [variable.name.value] : [];
    });
    named.set(document, names);
    return names;
  }

  const only = (reference: unknown): unknown => {
    const { __typename, id } = reference as { __typename?: unknown; id?: unknown };
    return typeof __typename === 'string' && __typename.startsWith(prefix) ? reference : { __typename, id };
  };

  return ({ document, variables = {} }) => {
    const kept: Record<string, unknown> = { ...variables };
    for (const name of referencesIn(document)) if (Array.isArray(kept[name])) kept[name] = (kept[name] as unknown[]).map(only);
    return kept;
  };
}
