import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  isInterfaceType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import type { Condition, CostPlan, Size, Step, Term } from './cost.plan';
import { DEAR_FIELDS, DEFAULT_PAGE, EXPECTED_ENTRIES, INTROSPECTION_COST, PAGE_MAX } from './cost.weights';
import { ROOT_COST, UNSIZED_LIST } from './cost.weights';

const SIZE_ARGUMENTS = ['first', 'last'];
/** The lists of a connection: as long as the page that its own field asks for. */
const PAGED_FIELDS = ['edges', 'nodes'];

interface Place {
  readonly parent: GraphQLNamedType;
  /** The page that the connection around this selection asks for. */
  readonly page: Size | undefined;
}

type Part = { readonly times: Size; readonly conditions: readonly Condition[]; readonly terms: readonly Term[] };

function listsIn(type: GraphQLOutputType): number {
  if (isNonNullType(type)) return listsIn(type.ofType);
  return isListType(type) ? 1 + listsIn(type.ofType) : 0;
}

const intOf = (node: ValueNode | undefined): number | undefined =>
  node?.kind === Kind.INT ? Number(node.value) : undefined;

/** Works out the cost of one operation; a fragment in the same place is worked out once. */
class Analysis {
  private readonly steps: Step[] = [];
  private readonly pageVariables = new Set<string>();
  private readonly fragments = new Map<string, FragmentDefinitionNode>();
  private readonly known = new Map<FragmentDefinitionNode, Map<Size | undefined, Term>>();
  private badPage = false;

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
    private readonly operation: OperationDefinitionNode,
  ) {
    for (const node of document.definitions) {
      if (node.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(node.name.value, node);
    }
  }

  plan(): CostPlan {
    const root = this.schema.getRootType(this.operation.operation);
    const cost = root ? this.ofSet(this.operation.selectionSet, { parent: root, page: undefined }) : 0;
    return { cost, steps: this.steps, pageVariables: [...this.pageVariables], badPage: this.badPage };
  }

  // What no variable changes becomes a number here and costs nothing when requests come.
  private term({ times, conditions, terms }: Part): Term {
    const fixed = terms.reduce<number>((sum, term) => (typeof term === 'number' ? sum + term : sum), 0);
    const parts = terms.filter((term): term is Step => typeof term !== 'number');
    if (parts.length === 0 && conditions.length === 0 && typeof times === 'number') return times * fixed;
    if (parts.length === 0 && fixed === 0) return 0;
    if (parts.length === 1 && fixed === 0 && conditions.length === 0 && times === 1) return parts[0]!;
    const step = { index: this.steps.length, times, fixed, parts, conditions };
    this.steps.push(step);
    return step;
  }

  private ofSet(set: SelectionSetNode, place: Place): Term {
    return this.term({ times: 1, conditions: [], terms: set.selections.map((node) => this.ofSelection(node, place)) });
  }

  private ofSelection(node: SelectionNode, place: Place): Term {
    const conditions = this.conditionsOf(node);
    if (!conditions) return 0;
    const below = this.withoutConditions(node, place);
    return conditions.length === 0 ? below : this.term({ times: 1, conditions, terms: [below] });
  }

  private withoutConditions(node: SelectionNode, place: Place): Term {
    switch (node.kind) {
      case Kind.FIELD:
        return this.ofField(node, place);
      case Kind.INLINE_FRAGMENT: {
        const type = node.typeCondition && this.schema.getType(node.typeCondition.name.value);
        return this.ofSet(node.selectionSet, { ...place, parent: type ?? place.parent });
      }
      case Kind.FRAGMENT_SPREAD:
        return this.ofFragment(this.fragments.get(node.name.value), place.page);
    }
  }

  private ofFragment(fragment: FragmentDefinitionNode | undefined, page: Size | undefined): Term {
    const type = fragment && this.schema.getType(fragment.typeCondition.name.value);
    if (!fragment || !type) return 0;
    const places = this.known.get(fragment) ?? new Map<Size | undefined, Term>();
    this.known.set(fragment, places);
    const found = places.get(page);
    if (found !== undefined) return found;
    // A fragment in itself is refused by validation; here it must only end.
    places.set(page, 0);
    const term = this.ofSet(fragment.selectionSet, { parent: type, page });
    places.set(page, term);
    return term;
  }

  private ofField(node: FieldNode, { parent, page }: Place): Term {
    const name = node.name.value;
    const own = this.ownCost(parent, name);
    if (name.startsWith('__')) return name === '__typename' ? 0 : INTROSPECTION_COST;
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    if (!field) return own;
    const type = getNamedType(field.type);
    const asked = this.pageOf(node, field);
    const lists = listsIn(field.type);
    const below = node.selectionSet
      ? this.ofSet(node.selectionSet, { parent: type, page: lists ? undefined : asked })
      : 0;
    const terms = [isCompositeType(type) ? 1 : 0, below];
    if (lists === 0) return this.term({ times: 1, conditions: [], terms: [own, ...terms] });
    const size = asked ?? (PAGED_FIELDS.includes(name) ? page : undefined) ?? EXPECTED_ENTRIES[type.name];
    let entries = this.term({ times: size ?? UNSIZED_LIST, conditions: [], terms });
    for (let inner = 1; inner < lists; inner++) {
      entries = this.term({ times: UNSIZED_LIST, conditions: [], terms: [entries] });
    }
    return this.term({ times: 1, conditions: [], terms: [own, entries] });
  }

  private ownCost(parent: GraphQLNamedType, field: string): number {
    const { operation } = this.operation;
    return DEAR_FIELDS[`${parent.name}.${field}`] ?? (parent === this.schema.getRootType(operation) ? ROOT_COST[operation] : 0);
  }

  /** The size that a field's own arguments ask for, or its default has; undefined where it has no such argument. */
  private pageOf(node: FieldNode, field: GraphQLField<unknown, unknown>): Size | undefined {
    const definition = field.args.filter(({ name }) => SIZE_ARGUMENTS.includes(name));
    if (definition.length === 0) return undefined;
    const given = node.arguments?.filter(({ name }) => SIZE_ARGUMENTS.includes(name.value)) ?? [];
    const standard = definition.find(({ defaultValue }) => typeof defaultValue === 'number')?.defaultValue;
    const fallback = typeof standard === 'number' ? standard : DEFAULT_PAGE;
    const sizes = given.flatMap(({ value }) => this.sizeOf(value, fallback) ?? []);
    if (sizes.length > 1) return PAGE_MAX;
    return sizes[0] ?? fallback;
  }

  private sizeOf(value: ValueNode, fallback: number): Size | undefined {
    if (value.kind === Kind.VARIABLE) {
      const variable = value.name.value;
      this.pageVariables.add(variable);
      const declared = intOf(this.defaultOf(variable));
      if (declared !== undefined) this.check(declared);
      return { variable, fallback: declared ?? fallback };
    }
    const size = intOf(value);
    if (size !== undefined) this.check(size);
    return size;
  }

  private check(page: number): void {
    if (page < 1 || page > PAGE_MAX) this.badPage = true;
  }

  private defaultOf(variable: string): ValueNode | undefined {
    return this.operation.variableDefinitions?.find((node) => node.variable.name.value === variable)?.defaultValue;
  }

  /** What must hold for a selection to be answered; null where it never is. */
  private conditionsOf(node: SelectionNode): readonly Condition[] | null {
    const conditions: Condition[] = [];
    for (const directive of node.directives ?? []) {
      const name = directive.name.value;
      if (name !== 'skip' && name !== 'include') continue;
      const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
      const is = name === 'include';
      if (value?.kind === Kind.BOOLEAN && value.value !== is) return null;
      if (value?.kind !== Kind.VARIABLE) continue;
      const standard = this.defaultOf(value.name.value);
      const fallback = standard?.kind === Kind.BOOLEAN ? standard.value : is;
      conditions.push({ variable: value.name.value, is, fallback });
    }
    return conditions;
  }
}

/**
 * Works out what an operation costs before any subgraph is asked: one for each object, times the length of the lists
 * that it stands in; more for what a root field starts. A field that stands twice counts twice. The document has
 * passed validation.
 */
export function planCost(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): CostPlan {
  return new Analysis(schema, document, operation).plan();
}
