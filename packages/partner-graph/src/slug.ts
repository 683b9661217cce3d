import { type DocumentNode, type FieldDefinitionNode, GraphQLError, Kind, parse, type TypeNode } from 'graphql';
import { isObject, typesOf } from './definitions';
import { withoutMachinery } from './machinery';
import { namesOf, PARTNER_POLICY } from './policy';

export type FoundSlug =
  | { readonly slug: string; /** The name that says it, such as `Query.nordbank`. */ readonly place: string }
  | { readonly slug: undefined; /** What stands in the way, as a sentence. */ readonly problem: string };

const ROOTS = ['Query', 'Mutation', 'Subscription'];
const SHOWN = 5;

/**
 * Finds the slug that a bank's names are made of, in its own schema: by its root field where that gives a type of the same name, else by the one word that
 * all its types and fields begin with. It is no check: what breaks a rule is told by the rules, once it is known which names are the bank's.
 */
export function findSlug(sdl: string): FoundSlug {
  if (Buffer.byteLength(sdl) > PARTNER_POLICY.sdlBytesMax) return { slug: undefined, problem: `the schema has more than ${PARTNER_POLICY.sdlBytesMax} bytes` };
  const document = parsed(sdl);
  if (document instanceof GraphQLError) return { slug: undefined, problem: `the schema cannot be read: ${document.message}` };
  const rooted = rootFields(document).filter(isNamedAfter);
  if (rooted.length === 1) return { slug: rooted[0]!.name.value, place: `Query.${rooted[0]!.name.value}` };
  const named = namedPlaces(document);
  const words = [...new Set(named.map(({ word }) => word))];
  if (words.length === 1 && namesOf(words[0]!)) return { slug: words[0]!, place: named[0]!.place };
  const places = [...rootFields(document).map(({ name }) => `Query.${name.value}`), ...named.map(({ place }) => place)];
  return {
    slug: undefined,
    problem: places.length === 0 ? 'no root field, type or field of yours is in the schema'
      : `its names begin with no one word: ${places.slice(0, SHOWN).join(', ')}${places.length > SHOWN ? ', …' : ''}`,
  };
}

function parsed(sdl: string): DocumentNode | GraphQLError {
  try {
    return withoutMachinery(parse(sdl, { maxTokens: 20_000, noLocation: true }));
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

const rootFields = (document: DocumentNode): readonly FieldDefinitionNode[] =>
  typesOf(document).flatMap((type) => (type.name.value === 'Query' && isObject(type) ? (type.fields ?? []) : []));

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

function isNamedAfter({ name, type }: FieldDefinitionNode): boolean {
  const names = namesOf(name.value);
  return names !== null && namedType(type).startsWith(names.type);
}

/** The bank's own types and the fields that it adds to ours, each with the word that it begins with: a capital letter ends a slug. */
function namedPlaces(document: DocumentNode): readonly { word: string; place: string }[] {
  const { extendable, scalars } = PARTNER_POLICY;
  return typesOf(document).flatMap((type) => {
    const name = type.name.value;
    if (ROOTS.includes(name) || scalars.includes(name)) return [];
    if (!extendable.includes(name)) return [{ word: (/^[A-Z]?[a-z0-9]*/.exec(name)![0] || name).toLowerCase(), place: name }];
    const fields = isObject(type) ? (type.fields ?? []) : [];
    return fields
      .filter((field) => field.name.value !== 'id' && !field.directives?.some((directive) => directive.name.value === 'external'))
      .map((field) => ({ word: /^[a-z0-9]*/.exec(field.name.value)![0], place: `${name}.${field.name.value}` }));
  });
}
