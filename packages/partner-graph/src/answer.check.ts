import {
  buildASTSchema, type DefinitionNode, type DocumentNode, execute, getNamedType, type GraphQLFieldResolver, GraphQLScalarType,
  type GraphQLSchema, isCompositeType, isTypeDefinitionNode, isTypeExtensionNode, Kind, type ObjectTypeDefinitionNode, type ObjectTypeExtensionNode, parse,
} from 'graphql';
import { withoutMachinery } from './machinery';

/** What a bank was asked. */
export interface Question {
  readonly document: DocumentNode;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/** What of a bank's answer may go on: null where it said nothing, or what is not of its own schema. */
export interface CheckedAnswer {
  readonly data: Record<string, unknown> | null;
  /** What was not of the form that the schema says, for the bank; empty where all was. */
  readonly problems: readonly string[];
}

/** The house's scalars as a bank may give them; it must not put an object there. */
const FORMS: Readonly<Record<string, RegExp>> = {
  Decimal: /^-?\d{1,30}(?:\.\d{1,18})?$/,
  CurrencyCode: /^[A-Z]{3}$/,
  DateTime: /^\d{4}-\d{2}-\d{2}T[\d:.]{5,18}(?:Z|[+-]\d{2}:\d{2})$/,
};

type TypeNode = ObjectTypeDefinitionNode | ObjectTypeExtensionNode;
const isType = (node: DefinitionNode): node is TypeNode => node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION;

/** What each extension is once nobody else defines its type. */
const DEFINED: Readonly<Partial<Record<Kind, Kind>>> = {
  [Kind.OBJECT_TYPE_EXTENSION]: Kind.OBJECT_TYPE_DEFINITION,
  [Kind.INTERFACE_TYPE_EXTENSION]: Kind.INTERFACE_TYPE_DEFINITION,
  [Kind.UNION_TYPE_EXTENSION]: Kind.UNION_TYPE_DEFINITION,
  [Kind.ENUM_TYPE_EXTENSION]: Kind.ENUM_TYPE_DEFINITION,
  [Kind.INPUT_OBJECT_TYPE_EXTENSION]: Kind.INPUT_OBJECT_TYPE_DEFINITION,
  [Kind.SCALAR_TYPE_EXTENSION]: Kind.SCALAR_TYPE_DEFINITION,
};

/** `extend type Wallet` is how many servers print what they add; nobody defines it there, so the first one does. */
function definitionsOf(document: DocumentNode): DefinitionNode[] {
  const defined = new Set(document.definitions.flatMap((node) => (isTypeDefinitionNode(node) ? [node.name.value] : [])));
  return document.definitions.flatMap((node): DefinitionNode[] => {
    if (node.kind === Kind.SCHEMA_EXTENSION || node.kind === Kind.SCHEMA_DEFINITION) return [];
    if (!isTypeExtensionNode(node) || defined.has(node.name.value)) return [node];
    defined.add(node.name.value);
    return [{ ...node, kind: DEFINED[node.kind] } as DefinitionNode];
  });
}

/** A bank's schema by itself, with the scalars as it may give them. */
export function bankSchemaOf(sdl: string): GraphQLSchema {
  const definitions = definitionsOf(withoutMachinery(parse(sdl, { noLocation: true })));
  const types = definitions.filter(isType);
  const hasKey = ({ directives }: TypeNode): boolean => directives?.some(({ name }) => name.value === 'key') ?? false;
  const entities = new Set(types.filter(hasKey).map(({ name }) => name.value));
  const root = types.some(({ name }) => name.value === 'Query') ? 'extend type Query' : 'type Query';
  const machinery = entities.size === 0 ? '' : `
    scalar _Any union _Entity = ${[...entities].join(' | ')}
    ${root} { _entities(representations: [_Any!]!): [_Entity]! }`;
  const more = machinery ? parse(machinery, { noLocation: true }).definitions : [];
  const schema = buildASTSchema({ kind: Kind.DOCUMENT, definitions: [...definitions, ...more] }, { assumeValid: true, assumeValidSDL: true });
  for (const [name, form] of Object.entries(FORMS)) {
    const scalar = schema.getType(name);
    if (!(scalar instanceof GraphQLScalarType)) continue;
    scalar.serialize = (value) => {
      if (typeof value !== 'string' || !form.test(value)) throw new Error(`no ${name}`);
      return value;
    };
  }
  return schema;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const areObjects = (value: unknown): boolean =>
  value === null || value === undefined || isObject(value) || (Array.isArray(value) && value.every(areObjects));

/** What is told of each reference is told of what we asked for, whatever type the bank says it is. */
function entitiesOf(value: unknown, references: unknown): unknown {
  if (!Array.isArray(value) || !Array.isArray(references) || value.length !== references.length) throw new Error('not one answer a reference');
  return value.map((entity: unknown, index) => (isObject(entity) ? { ...entity, __typename: (references[index] as { __typename?: unknown }).__typename } : null));
}

/** Gives an id of ours for the name of it that the bank said; null for a name that it was not asked by. */
export type NamedId = (typeName: string, name: string) => string | null;

const readField: GraphQLFieldResolver<unknown, NamedId | undefined> = (source, args, idOf, { path, fieldName, returnType, parentType }) => {
  if (!isObject(source)) throw new Error('no object');
  const value = Object.hasOwn(source, path.key) ? source[path.key] : undefined;
  if (fieldName === '_entities' && parentType.name === 'Query') return entitiesOf(value, args['representations']);
  if (fieldName === 'id' && idOf && typeof value === 'string') return idOf(parentType.name, value);
  if (isCompositeType(getNamedType(returnType)) && !areObjects(value)) throw new Error('no object');
  return value;
};

/**
 * Makes the check of what a bank answers: the question is executed once more by the bank's own schema, over its answer. So what
 * was not asked for is not there (a bank that adds `balance` to its answer about a wallet would put its own into ours), and
 * what has another form is null, up to the bank's own nullable field.
 * `idOf` says, where banks know things of ours by names of their own, what id each name of the question is.
 */
export function createAnswerCheck(sdl: string): (question: Question, data: unknown, idOf?: NamedId) => Promise<CheckedAnswer> {
  const schema = bankSchemaOf(sdl);
  return async ({ document, variables }, data, idOf) => {
    const result = await execute({ schema, document, rootValue: data, variableValues: variables ?? {}, contextValue: idOf, fieldResolver: readField });
    const problems = (result.errors ?? []).map(({ path, message }) => `${path ? `${path.join('.')}: ` : ''}${message}`);
    return { data: (result.data as Record<string, unknown> | null | undefined) ?? null, problems };
  };
}
