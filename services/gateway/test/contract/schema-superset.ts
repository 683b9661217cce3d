import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
} from 'graphql';

// Wherever a client reads a value, the served type may promise more; wherever it writes one, it may demand less.
function readsAs(served: GraphQLType, wanted: GraphQLType): boolean {
  if (isNonNullType(wanted)) return isNonNullType(served) && readsAs(served.ofType, wanted.ofType);
  if (isNonNullType(served)) return readsAs(served.ofType, wanted);
  if (isListType(wanted)) return isListType(served) && readsAs(served.ofType, wanted.ofType);
  return !isListType(served) && served.name === wanted.name;
}
const takes = (served: GraphQLType, wanted: GraphQLType): boolean => readsAs(wanted, served);

const missingNames = (served: Iterable<string>, wanted: Iterable<string>, where: string): string[] => {
  const there = new Set(served);
  return [...wanted].filter((name) => !there.has(name)).map((name) => `${where}.${name} is missing`);
};

const textOf = (input: GraphQLArgument | GraphQLInputField): string => JSON.stringify(input.defaultValue) ?? 'none';

function inputLacks(
  served: readonly (GraphQLArgument | GraphQLInputField)[],
  wanted: readonly (GraphQLArgument | GraphQLInputField)[],
  where: string,
): string[] {
  const byName = new Map(served.map((input) => [input.name, input]));
  const required = (input: GraphQLArgument | GraphQLInputField): boolean =>
    isRequiredArgument(input) || isRequiredInputField(input);
  const lacks = wanted.flatMap((input) => {
    const found = byName.get(input.name);
    if (!found) return [`${where}.${input.name} is missing`];
    const problems: string[] = [];
    if (!takes(found.type, input.type))
      problems.push(`${where}.${input.name} takes ${String(found.type)}, not ${String(input.type)}`);
    // A variable of a nullable type may stand where the contract's default fills in.
    if (textOf(found) !== textOf(input)) {
      problems.push(
        `${where}.${input.name} has the default ${textOf(found)}, not ${textOf(input)}`,
      );
    }
    return problems;
  });
  const known = new Set(wanted.map((input) => input.name));
  const demands = served.filter((input) => !known.has(input.name) && required(input));
  return [...lacks, ...demands.map((input) => `${where}.${input.name} is demanded, the contract does not know it`)];
}

type Fields = Readonly<Record<string, GraphQLField<unknown, unknown>>>;

function outputLacks(served: Fields, wanted: Fields, where: string): string[] {
  return Object.values(wanted).flatMap((field) => {
    const found = served[field.name];
    if (!found) return [`${where}.${field.name} is missing`];
    const type = readsAs(found.type, field.type)
      ? []
      : [`${where}.${field.name} is ${String(found.type)}, not ${String(field.type)}`];
    return [...type, ...inputLacks(found.args, field.args, `${where}.${field.name}`)];
  });
}

function typeLacks(served: GraphQLNamedType, wanted: GraphQLNamedType): string[] {
  const { name } = wanted;
  if (served.constructor.name !== wanted.constructor.name) return [`${name} is of another kind`];
  if ((isObjectType(wanted) && isObjectType(served)) || (isInterfaceType(wanted) && isInterfaceType(served))) {
    const interfaces = missingNames(
      served.getInterfaces().map(String),
      wanted.getInterfaces().map(String),
      `${name} implements`,
    );
    return [...interfaces, ...outputLacks(served.getFields(), wanted.getFields(), name)];
  }
  if (isInputObjectType(wanted) && isInputObjectType(served)) {
    return inputLacks(Object.values(served.getFields()), Object.values(wanted.getFields()), name);
  }
  if (isEnumType(wanted) && isEnumType(served)) {
    return missingNames(
      served.getValues().map((value) => value.name),
      wanted.getValues().map((value) => value.name),
      name,
    );
  }
  if (isUnionType(wanted) && isUnionType(served))
    return missingNames(served.getTypes().map(String), wanted.getTypes().map(String), name);
  return [];
}

/** Gives what a client of `contract` would miss in `served`, one line each; descriptions do not count. */
export function missingFromContract(served: GraphQLSchema, contract: GraphQLSchema): string[] {
  return Object.values(contract.getTypeMap())
    .filter((type) => !type.name.startsWith('__'))
    .flatMap((type) => {
      const found = served.getType(type.name);
      return found ? typeLacks(found, type) : [`${type.name} is missing`];
    });
}
