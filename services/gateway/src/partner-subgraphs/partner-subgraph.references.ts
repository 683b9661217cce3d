import { namesOf, type NamedId, type Question } from '@tael/partner-graph';
import { type PairwiseNames, pairwiseNames } from '@tael/platform/pairwise';
import { type DocumentNode, Kind } from 'graphql';

/** What people have, which banks could compare by its id. A merchant is known to everybody. */
const PAIRWISE_TYPES = ['Wallet', 'Transaction'];

/** A question as a bank is asked it, and what the names in it stand for: of people's things an answer may speak by these alone. */
export interface AskedQuestion {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly idOf: NamedId;
}

/**
 * Makes what leaves: of things of ours `__typename` and the name that the bank knows them by as `id`, whatever a plan has put beside them. Its answer is read by the names of
 * that question and no others: else a bank that keeps names could have them turned back into ours by asking through an account of its own.
 * @param key - of all names of people's things at banks
 */
export function createReferenceFilter({ slug, partnerId }: { slug: string; partnerId: string }, key: Buffer): (question: Question) => AskedQuestion {
  const names = new Map<unknown, PairwiseNames>(PAIRWISE_TYPES.map((kind) => [kind, pairwiseNames(key, { partnerId, kind })]));
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

  function only(reference: unknown, asked: Map<string, string>): unknown {
    const { __typename, id } = reference as { __typename?: unknown; id?: unknown };
    if (typeof __typename === 'string' && __typename.startsWith(prefix)) return reference;
    const nameOf = names.get(__typename);
    if (!nameOf || typeof id !== 'string') return { __typename, id };
    const name = nameOf(id);
    if (name !== undefined) asked.set(`${__typename as string}/${name}`, id);
    return { __typename, id: name };
  }

  return ({ document, variables = {} }) => {
    const asked = new Map<string, string>();
    const kept: Record<string, unknown> = { ...variables };
    for (const name of referencesIn(document)) if (Array.isArray(kept[name])) kept[name] = (kept[name] as unknown[]).map((reference) => only(reference, asked));
    return { variables: kept, idOf: (typeName, name) => (names.has(typeName) ? (asked.get(`${typeName}/${name}`) ?? null) : name) };
  };
}
