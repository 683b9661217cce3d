import {
  type ConstDirectiveNode, type DefinitionNode, type DocumentNode, type FieldDefinitionNode, type InterfaceTypeDefinitionNode,
  type InterfaceTypeExtensionNode, isTypeDefinitionNode, isTypeExtensionNode, Kind, type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode, type TypeDefinitionNode, type TypeExtensionNode,
} from 'graphql';

export type TypeNode = TypeDefinitionNode | TypeExtensionNode;
export type ObjectNode = ObjectTypeDefinitionNode | ObjectTypeExtensionNode;

/** The types that a document defines or extends. */
export const typesOf = (document: DocumentNode): readonly TypeNode[] =>
  document.definitions.filter((node): node is TypeNode => isTypeDefinitionNode(node) || isTypeExtensionNode(node));

export const isObject = (node: DefinitionNode): node is ObjectNode =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION;

export const hasFields = (node: DefinitionNode): node is ObjectNode | InterfaceTypeDefinitionNode | InterfaceTypeExtensionNode =>
  isObject(node) || node.kind === Kind.INTERFACE_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_EXTENSION;

/** The text of a directive's argument, where it is one text. */
export function textArgument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

export interface Placed<Node> {
  readonly node: Node;
  /** Its coordinate: `Type`, `Type.field`, `Type.field(argument:)`. */
  readonly place: string;
}

/** Every directive of a document with the place where it stands. */
export function directivesOf(document: DocumentNode): readonly Placed<ConstDirectiveNode>[] {
  return typesOf(document).flatMap((type) => {
    const name = type.name.value;
    const at = (place: string, nodes: readonly ConstDirectiveNode[] | undefined) => (nodes ?? []).map((node) => ({ node, place }));
    return [...at(name, type.directives), ...membersOf(type).flatMap(({ node, place }) => at(place, node.directives))];
  });
}

interface Member {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

/** Fields, arguments, values and input fields of a type. */
function membersOf(type: TypeNode): readonly Placed<Member>[] {
  const within = (name: string) => `${type.name.value}.${name}`;
  if (hasFields(type)) {
    return (type.fields ?? []).flatMap((field) => [
      { node: field, place: within(field.name.value) },
      ...argumentsOf(field, within(field.name.value)),
    ]);
  }
  switch (type.kind) {
    case Kind.ENUM_TYPE_DEFINITION:
    case Kind.ENUM_TYPE_EXTENSION:
      return (type.values ?? []).map((node) => ({ node, place: within(node.name.value) }));
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
    case Kind.INPUT_OBJECT_TYPE_EXTENSION:
      return (type.fields ?? []).map((node) => ({ node, place: within(node.name.value) }));
    default:
      return [];
  }
}

const argumentsOf = (field: FieldDefinitionNode, place: string): readonly Placed<Member>[] =>
  (field.arguments ?? []).map((node) => ({ node, place: `${place}(${node.name.value}:)` }));
