import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Kind, parse } from 'graphql';

const OWNERSHIP = resolve(__dirname, '..', '..', '..', 'supergraph.ownership.json');

/** A mutation that operators alone may call, by the ownership table. */
export interface OperatorMutation {
  readonly name: string;
  readonly inputType: string;
}

/** Gives the mutations of the service under test (jest runs in its folder) that operators alone may call. */
export function operatorMutations(): OperatorMutation[] {
  const { operations } = JSON.parse(readFileSync(OWNERSHIP, 'utf8')) as { operations: Record<string, string> };
  const { definitions } = parse(readFileSync(join(process.cwd(), 'schema.graphql'), 'utf8'));
  const mutations = definitions.flatMap((one) => (one.kind === Kind.OBJECT_TYPE_DEFINITION && one.name.value === 'Mutation' ? one.fields ?? [] : []));
  return mutations.filter(({ name }) => operations[`Mutation.${name.value}`] === 'operators').map(({ name, arguments: given }) => {
    const type = given?.[0]?.type;
    const named = type?.kind === Kind.NON_NULL_TYPE ? type.type : type;
    if (named?.kind !== Kind.NAMED_TYPE) throw new Error(`${name.value} takes no input`);
    return { name: name.value, inputType: named.name.value };
  });
}
