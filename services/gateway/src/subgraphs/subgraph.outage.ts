import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getDirectiveValues,
  GraphQLError,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** So many fields of one fetch get an error of their own. */
export const LOCATED_MAX = 20;

/** What a subgraph was asked for. */
export interface Fetch {
  readonly document: DocumentNode;
  readonly variables?: Record<string, unknown> | undefined;
}

interface Found {
  readonly field: FieldNode;
  readonly typeCondition: string | undefined;
}

const keyOf = (field: FieldNode): string => field.alias?.value ?? field.name.value;

// Reads the selections of one fetch, through fragments and past what @skip and @include leave out.
class Selections {
  constructor(private readonly fetch: Fetch) {}

  root(): readonly Found[] {
    const operation = this.fetch.document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
    return operation ? this.fieldsOf(operation.selectionSet) : [];
  }

  fieldsOf(set: SelectionSetNode | undefined, typeCondition?: string): readonly Found[] {
    const selections = set?.selections.filter((selection) => this.isIncluded(selection)) ?? [];
    return selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) {
        return selection.name.value === '__typename' ? [] : [{ field: selection, typeCondition }];
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.fragment(selection.name.value);
      return this.fieldsOf(fragment?.selectionSet, fragment?.typeCondition?.name.value ?? typeCondition);
    });
  }

  /** Gives the entities that a field asks for; nothing where it is no _entities field. */
  representationsOf(field: FieldNode): readonly { __typename?: unknown }[] | undefined {
    const given = field.arguments?.find(({ name }) => name.value === 'representations')?.value;
    if (field.name.value !== '_entities' || given?.kind !== Kind.VARIABLE) return undefined;
    const values = this.fetch.variables?.[given.name.value];
    return Array.isArray(values) ? (values as { __typename?: unknown }[]) : undefined;
  }

  private fragment(name: string): FragmentDefinitionNode | undefined {
    return this.fetch.document.definitions.find(
      (node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === name,
    );
  }

  private isIncluded(selection: SelectionNode): boolean {
    const { variables } = this.fetch;
    const skip = getDirectiveValues(GraphQLSkipDirective, selection, variables)?.['if'];
    const include = getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.['if'];
    return skip !== true && include !== false;
  }
}

type Path = readonly (string | number)[];

function* pathsOf(fetch: Fetch): Generator<Path> {
  const selections = new Selections(fetch);
  for (const { field } of selections.root()) {
    const representations = selections.representationsOf(field);
    if (!representations) {
      yield [keyOf(field)];
      continue;
    }
    const below = selections.fieldsOf(field.selectionSet);
    for (const [index, { __typename: typename }] of representations.entries()) {
      const own = below.filter(({ typeCondition }) => typeCondition === typename);
      // A fragment may name an interface of the entity.
      for (const found of own.length ? own : below) yield [keyOf(field), index, keyOf(found.field)];
    }
  }
}

/**
 * Says of every field of a fetch that went without an answer that it has none, so that clients find the error at the
 * null. The runtime turns the places of entities into those of the operation. What is beyond the bound, one error
 * without a place tells.
 */
export function locate(error: GraphQLError, fetch: Fetch): readonly GraphQLError[] {
  const located: GraphQLError[] = [];
  for (const path of pathsOf(fetch)) {
    if (located.length === LOCATED_MAX) return [...located, error];
    located.push(new GraphQLError(error.message, { originalError: error, extensions: error.extensions, path }));
  }
  return located.length ? located : [error];
}
