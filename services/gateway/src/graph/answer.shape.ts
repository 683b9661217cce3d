import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getDirectiveValues,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** Says whether a value is exactly what a selection asks for: these fields in this order, and nothing else. */
export type Shape = (value: unknown) => boolean;

type Variables = Readonly<Record<string, unknown>>;

/** Where the form of an answer cannot be told from the operation alone. */
class Untold extends Error {}

interface Operation {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Variables;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isIncluded(node: SelectionNode, variables: Variables): boolean {
  if (!node.directives?.length) return true;
  if (getDirectiveValues(GraphQLSkipDirective, node, variables)?.['if'] === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, variables)?.['if'] !== false;
}

// An alias that looks like introspection would be read as the name of a type further on.
function keyOf(field: FieldNode): string {
  const key = (field.alias ?? field.name).value;
  if (field.alias && key.startsWith('__')) throw new Untold();
  return key;
}

// The fields of an object in the order in which GraphQL answers them, each with all places that ask for it.
function collect(operation: Operation, type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const visit = (set: SelectionSetNode): void => {
    for (const node of set.selections) {
      if (!isIncluded(node, operation.variables)) continue;
      if (node.kind === Kind.FIELD) {
        const key = keyOf(node);
        const same = fields.get(key);
        if (same) same.push(node);
        else fields.set(key, [node]);
        continue;
      }
      const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : operation.fragments.get(node.name.value);
      const condition = fragment?.typeCondition?.name.value;
      if (!fragment || (condition !== undefined && condition !== type.name)) throw new Untold();
      visit(fragment.selectionSet);
    }
  };
  sets.forEach(visit);
  return fields;
}

function shapeOfField(operation: Operation, type: GraphQLObjectType, nodes: readonly FieldNode[]): Shape {
  const name = nodes[0]!.name.value;
  if (name === '__typename') return (value) => value === type.name;
  const field = type.getFields()[name];
  if (!field) throw new Untold();
  return shapeOfType(operation, field.type, nodes.flatMap((node) => node.selectionSet ?? []));
}

function shapeOfObject(operation: Operation, type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Shape {
  const collected = [...collect(operation, type, sets)];
  const keys = collected.map(([key]) => key);
  const shapes = collected.map(([, nodes]) => shapeOfField(operation, type, nodes));
  // With nothing left to answer, the runtime has a way of its own.
  if (keys.length === 0) throw new Untold();
  return (value) => {
    if (!isObject(value)) return false;
    let index = 0;
    for (const key in value) {
      if (key !== keys[index] || !shapes[index]!(value[key])) return false;
      index++;
    }
    return index === keys.length;
  };
}

function shapeOfType(operation: Operation, type: GraphQLOutputType, sets: readonly SelectionSetNode[]): Shape {
  const shape = shapeOfValue(operation, isNonNullType(type) ? type.ofType : type, sets);
  return isNonNullType(type) ? shape : (value) => value === null || shape(value);
}

function shapeOfValue(operation: Operation, type: GraphQLOutputType, sets: readonly SelectionSetNode[]): Shape {
  if (isListType(type)) {
    const entry = shapeOfType(operation, type.ofType, sets);
    return (value) => Array.isArray(value) && value.every(entry);
  }
  if (isScalarType(type)) return (value) => value !== null;
  if (isEnumType(type)) {
    const names = new Set<unknown>(type.getValues().map((value) => value.name));
    return (value) => names.has(value);
  }
  if (isObjectType(type)) return shapeOfObject(operation, type, sets);
  throw new Untold();
}

/**
 * Works out the form of the data of an operation with these variables (only those of @skip and @include matter).
 * Undefined where it depends on what is found: interfaces and unions.
 */
export function shapeOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  asked: { operation: OperationDefinitionNode; variables: Variables },
): Shape | undefined {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const root = schema.getRootType(asked.operation.operation);
  if (!root) return undefined;
  try {
    return shapeOfObject({ schema, fragments, variables: asked.variables }, root, [asked.operation.selectionSet]);
  } catch (error) {
    if (error instanceof Untold) return undefined;
    throw error;
  }
}
