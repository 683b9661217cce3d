import { getNamedType, type GraphQLField, type GraphQLNamedType, type GraphQLSchema, isCompositeType, isInterfaceType, isObjectType, isRequiredArgument } from 'graphql';
import { PARTNER_POLICY } from './policy';

/** The entities of ours that a schema adds to. */
export const extendedIn = (sdl: string): readonly string[] =>
  PARTNER_POLICY.extendable.filter((name) => new RegExp(`\\btype\\s+${name}\\b`).test(sdl));

export const ENTITIES = 'query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }';

export const referencesTo = (typename: string, ids: readonly string[]) => ({
  query: ENTITIES,
  variables: { representations: ids.map((id) => ({ __typename: typename, id })) },
});

type Field = GraphQLField<unknown, unknown>;

/** Everything of a field that needs no argument, each type once on a way: what costs no more than it may is no long question. */
function selectionOf(field: Field, way: readonly GraphQLNamedType[]): string | undefined {
  const type = getNamedType(field.type);
  if (field.args.some(isRequiredArgument) || way.includes(type)) return undefined;
  if (!isCompositeType(type)) return field.name;
  const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
  const inner = fields.flatMap((child) => selectionOf(child, [...way, type]) ?? []);
  return `${field.name} { ${['__typename', ...inner].join(' ')} }`;
}

/** Asks for the bank's root field with all that is below it; undefined where it has none, or one that wants an argument. */
export function rootQuestion(schema: GraphQLSchema, slug: string): string | undefined {
  const field = schema.getQueryType()?.getFields()[slug];
  const selection = field && selectionOf(field, []);
  return selection && `{ ${selection} }`;
}
