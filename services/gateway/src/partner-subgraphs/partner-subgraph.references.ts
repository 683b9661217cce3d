import { namesOf, type NamedId, type Question } from '@tael/partner-graph';
import { type PairwiseIds, pairwiseIds } from '@tael/platform/pairwise';
import { type DocumentNode, Kind } from 'graphql';

/** What people have, which banks could compare by its id. A merchant is known to everybody. */
const PAIRWISE_TYPES = ['Wallet', 'Transaction'];

/** The names under which one bank knows what people have. */
export interface PairwiseNames {
  hide(typeName: unknown, id: unknown): unknown;
  readonly idOf: NamedId;
}

/** Makes them for a bank. What has no such names has its own id. */
export function createPairwiseNames(key: Buffer, partnerId: string): PairwiseNames {
  const names = new Map<unknown, PairwiseIds>(PAIRWISE_TYPES.map((kind) => [kind, pairwiseIds(key, { partnerId, kind })]));
  return {
    hide: (typeName, id) => (names.has(typeName) && typeof id === 'string' ? names.get(typeName)!.hide(id) : id),
    idOf: (typeName, name) => (names.has(typeName) ? (names.get(typeName)!.show(name) ?? null) : name),
  };
}

/** Makes what leaves: of things of ours `__typename` and the name that the bank knows them by as `id`, whatever a plan has put beside them. */
export function createReferenceFilter(slug: string, { hide }: Pick<PairwiseNames, 'hide'>): (question: Question) => Readonly<Record<string, unknown>> {
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
    return typeof __typename === 'string' && __typename.startsWith(prefix) ? reference : { __typename, id: hide(__typename, id) };
  };

  return ({ document, variables = {} }) => {
    const kept: Record<string, unknown> = { ...variables };
    for (const name of referencesIn(document)) if (Array.isArray(kept[name])) kept[name] = (kept[name] as unknown[]).map(only);
    return kept;
  };
}
