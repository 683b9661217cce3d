import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

/** Tokens of a document, checked by the parser. */
export const TOKENS_MAX = 1_000;
/** Characters of a document: bounds the caches of parsed documents, where one token may be a long string. */
export const DOCUMENT_LENGTH_MAX = 32_768;
export const DEPTH_MAX = 10;
export const ALIASES_MAX = 15;

interface Extent {
  /** Fields below one another. */
  readonly depth: number;
  readonly aliases: number;
}

const NONE: Extent = { depth: 0, aliases: 0 };
const isIntrospection = (name: string): boolean => name.startsWith('__');

// Every fragment is measured once and counted wherever it is spread; a cycle counts nothing: another rule refuses it.
class Measure {
  private readonly fragments = new Map<string, Extent>();

  constructor(private readonly context: ValidationContext) {}

  ofSelections(set: SelectionSetNode | undefined): Extent {
    let depth = 0;
    let aliases = 0;
    for (const selection of set?.selections ?? []) {
      const extent = this.ofSelection(selection);
      depth = Math.max(depth, extent.depth);
      aliases += extent.aliases;
    }
    return { depth, aliases };
  }

  private ofSelection(selection: SelectionNode): Extent {
    switch (selection.kind) {
      case Kind.FIELD: {
        const below = isIntrospection(selection.name.value) ? NONE : this.ofSelections(selection.selectionSet);
        return { depth: below.depth + 1, aliases: below.aliases + (selection.alias ? 1 : 0) };
      }
      case Kind.INLINE_FRAGMENT:
        return this.ofSelections(selection.selectionSet);
      case Kind.FRAGMENT_SPREAD:
        return this.ofFragment(this.context.getFragment(selection.name.value));
    }
  }

  private ofFragment(fragment: FragmentDefinitionNode | null | undefined): Extent {
    if (!fragment) return NONE;
    const known = this.fragments.get(fragment.name.value);
    if (known) return known;
    this.fragments.set(fragment.name.value, NONE);
    const extent = this.ofSelections(fragment.selectionSet);
    this.fragments.set(fragment.name.value, extent);
    return extent;
  }
}

/**
 * Refuses an operation of a kind that the schema does not have. graphql's own rules pass over its fields, since there is no
 * type to look them up in, and the planner would find those that only a contract hides.
 */
export const KnownOperationsRule: ValidationRule = function KnownOperationsRule(context): ASTVisitor {
  return {
    OperationDefinition(node: OperationDefinitionNode) {
      if (context.getSchema().getRootType(node.operation)) return undefined;
      context.reportError(new GraphQLError(`There is no ${node.operation} here.`, { nodes: node }));
      return false;
    },
  };
};

/**
 * Refuses an operation that nests too deep or renames too many fields. Introspection has bounds of its own: its depth
 * is limited by graphql's MaxIntrospectionDepthRule and is not counted here, since GraphiQL asks for 13 levels.
 */
export const DocumentLimitsRule: ValidationRule = function DocumentLimitsRule(context): ASTVisitor {
  const measure = new Measure(context);
  return {
    OperationDefinition(node: OperationDefinitionNode) {
      const { depth, aliases } = measure.ofSelections(node.selectionSet);
      if (depth > DEPTH_MAX) {
        context.reportError(
          new GraphQLError(`The operation is ${depth} levels deep; ${DEPTH_MAX} are allowed.`, { nodes: node }),
        );
      }
      if (aliases > ALIASES_MAX) {
        context.reportError(
          new GraphQLError(`The operation has ${aliases} aliases; ${ALIASES_MAX} are allowed.`, { nodes: node }),
        );
      }
    },
  };
};
