import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kind, type InputValueDefinitionNode, parse, type TypeNode } from 'graphql';

const { definitions } = parse(readFileSync(join(__dirname, '..', '..', 'schema.graphql'), 'utf8'));
const inputs = new Map(definitions.flatMap((one) => (one.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION ? [[one.name.value, one.fields ?? []] as const] : [])));

/** A place in the input of an operation where an amount stands. */
export interface AmountPlace {
  readonly operation: string;
  readonly kind: 'query' | 'mutation';
  readonly inputType: string;
  /** From the argument on, to the decimal itself; 0 for the first of a list. */
  readonly path: readonly (string | 0)[];
  /** It is the amount of a MoneyInput, which has a currency beside it. */
  readonly isMoney: boolean;
}

const nameOf = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type));
const isList = (type: TypeNode): boolean => (type.kind === Kind.NON_NULL_TYPE ? isList(type.type) : type.kind === Kind.LIST_TYPE);

function decimalsIn({ name, type }: InputValueDefinitionNode, within?: string): { path: (string | 0)[]; isMoney: boolean }[] {
  const own = [name.value, ...(isList(type) ? [0 as const] : [])];
  if (nameOf(type) === 'Decimal') return [{ path: own, isMoney: within === 'MoneyInput' }];
  return (inputs.get(nameOf(type)) ?? []).flatMap((field) => decimalsIn(field, nameOf(type))).map(({ path, isMoney }) => ({ path: [...own, ...path], isMoney }));
}

/** Every place of the schema where somebody may write an amount. */
export const AMOUNT_PLACES: readonly AmountPlace[] = definitions.flatMap((one) => {
  if (one.kind !== Kind.OBJECT_TYPE_DEFINITION || !['Query', 'Mutation'].includes(one.name.value)) return [];
  const kind = one.name.value === 'Query' ? 'query' as const : 'mutation' as const;
  return (one.fields ?? []).flatMap((field) => (field.arguments ?? []).flatMap((argument) =>
    decimalsIn(argument).map((place) => ({ operation: field.name.value, kind, inputType: nameOf(argument.type), ...place }))));
});

/** The input with something else at a place. */
export function withAt(input: unknown, [first, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (first === undefined) return value;
  const inner = withAt((input as Record<string | number, unknown>)[first], rest, value);
  return Array.isArray(input) ? input.map((one, index) => (index === first ? inner : one)) : { ...(input as object), [first]: inner };
}
