import { type DocumentNode, type FieldNode, Kind, type OperationDefinitionNode, OperationTypeNode, type SelectionSetNode } from 'graphql';

/** Fields by which somebody comes in; a session that is refreshed goes on. */
const ENTRIES: ReadonlySet<string> = new Set(['signUp', 'signIn', 'completeSignIn']);
const REFRESH = 'refreshSession';

/** Where in the answer of an operation sessions stand, and whether somebody comes in by it. */
export interface SessionFields {
  readonly isEntry: boolean;
  /** Says whether an answer holds a session. */
  isGiven(data: unknown): boolean;
}

const keyOf = (field: FieldNode): string => (field.alias ?? field.name).value;

function fieldsOf(document: DocumentNode, { selections }: SelectionSetNode): FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOf(document, selection.selectionSet);
    const named = document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
    );
    return named?.kind === Kind.FRAGMENT_DEFINITION ? fieldsOf(document, named.selectionSet) : [];
  });
}

const known = new WeakMap<OperationDefinitionNode, SessionFields | null>();

function find(document: DocumentNode, operation: OperationDefinitionNode): SessionFields | null {
  if (operation.operation !== OperationTypeNode.MUTATION) return null;
  const roots = fieldsOf(document, operation.selectionSet).filter(({ name }) => ENTRIES.has(name.value) || name.value === REFRESH);
  const places = roots.flatMap((root) =>
    (root.selectionSet ? fieldsOf(document, root.selectionSet) : [])
      .filter(({ name }) => name.value === 'session')
      .map((field) => [keyOf(root), keyOf(field)] as const),
  );
  if (places.length === 0) return null;
  type Data = Record<string, Record<string, unknown> | null | undefined> | null | undefined;
  return {
    isEntry: roots.some(({ name }) => ENTRIES.has(name.value)),
    isGiven: (data) => places.some(([root, session]) => ((data as Data)?.[root]?.[session] ?? null) !== null),
  };
}

/** Finds where a valid operation gives sessions, once an operation; null where it gives none. */
export function sessionFieldsOf(document: DocumentNode, operation: OperationDefinitionNode): SessionFields | null {
  const found = known.get(operation);
  if (found !== undefined) return found;
  const fields = find(document, operation);
  known.set(operation, fields);
  return fields;
}
