import { type DefinitionNode, type DocumentNode, type FieldDefinitionNode, Kind } from 'graphql';
import { isObject } from './definitions';

// What servers of federation print with a schema, though nobody wrote it: their own directives, their types, two root fields.
const DIRECTIVES = /^(?:link|key|external|shareable|override|federation__\w+)$/;
const TYPES = /^(?:_Any|_Entity|_Service|link__\w+|federation__\w+)$/;
const FIELDS = ['_entities', '_service'];

function isMachinery(node: DefinitionNode): boolean {
  if (node.kind === Kind.DIRECTIVE_DEFINITION) return DIRECTIVES.test(node.name.value);
  return 'name' in node && node.name !== undefined && TYPES.test(node.name.value);
}

const isOwn = (field: FieldDefinitionNode): boolean => !FIELDS.includes(field.name.value);

/**
 * A schema as its author wrote it. What federation defines is taken from the composer in any case, so that a definition
 * of the same name with another meaning means nothing.
 */
export function withoutMachinery(document: DocumentNode): DocumentNode {
  const definitions = document.definitions.flatMap((node): DefinitionNode[] => {
    if (isMachinery(node)) return [];
    if (!isObject(node) || node.name.value !== 'Query' || !node.fields) return [node];
    const fields = node.fields.filter(isOwn);
    // A root type with nothing in it is no type; a bank may have none.
    return fields.length === 0 && node.fields.length > 0 ? [] : [{ ...node, fields }];
  });
  return { ...document, definitions };
}
