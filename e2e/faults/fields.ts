import { buildASTSchema, isNonNullType, isObjectType, type ObjectTypeDefinitionNode, parse, visit } from 'graphql';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { composedApi } from '../outside/composed-api';
import { rules, selectionOf, SUBGRAPHS } from '../security/documents';
import { ROOT } from './engine';

/** A query for one field of the root: all that its own subgraph tells of it, and nothing that another one would have to be asked for. */
export interface RootField {
  readonly subgraph: string;
  readonly name: string;
  readonly document: string;
  readonly isForOperators: boolean;
}

const api = buildASTSchema(parse(composedApi()));

/** The names of every query that the graph has. */
export const queryNames = (): string[] => Object.keys(api.getQueryType()!.getFields());

/** A field that clients see, and that needs nothing of another subgraph. */
function isOwn(type: string, { name, directives }: NonNullable<ObjectTypeDefinitionNode['fields']>[number]): boolean {
  const shown = api.getType(type);
  return isObjectType(shown) && name.value in shown.getFields()
    && !directives?.some((directive) => ['external', 'requires'].includes(directive.name.value));
}

/** Every field of the root, by the schemas that the subgraphs' builds emitted. */
export function rootFields(): RootField[] {
  return SUBGRAPHS.flatMap((subgraph) => {
    const whole = parse(readFileSync(join(ROOT, 'services', subgraph, 'schema.graphql'), 'utf8'));
    const own = (type: ObjectTypeDefinitionNode) => ({ ...type, fields: type.fields?.filter((field) => isOwn(type.name.value, field)) ?? [] });
    const schema = buildASTSchema(visit(whole, { ObjectTypeDefinition: own }), { assumeValidSDL: true });
    return Object.values(schema.getQueryType()?.getFields() ?? {}).map((field) => {
      const wanted = field.args.filter((arg) => isNonNullType(arg.type));
      const variables = wanted.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
      const args = [...wanted.map((arg) => `${arg.name}: $${arg.name}`), ...(field.args.some((arg) => arg.name === 'first') ? ['first: 2'] : [])].join(', ');
      return {
        subgraph, name: field.name, isForOperators: rules.operations[`Query.${field.name}`] === 'operators',
        document: `query${variables ? ` (${variables})` : ''} { ${field.name}${args ? `(${args})` : ''} ${selectionOf(field.type, 2)} }`,
      };
    });
  });
}

/** What an answer is, whatever it says: what is there, what is null, and what was refused, where and by which code. */
export function shapeOf({ data, errors = [] }: any): unknown {
  return { data: shapeOfValue(data), refused: errors.map((error: any) => `${error.path?.join('.')} ${error.extensions.code}`).sort() };
}

function shapeOfValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOfValue);
  if (value === null || typeof value !== 'object') return value === null ? null : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOfValue(inner)]));
}
