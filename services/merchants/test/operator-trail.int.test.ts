import { type OperatorMutation, operatorMutations } from '@tael/testkit';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kind, parse, print } from 'graphql';
import { openStage, OPERATOR_CALLS, type Stage } from './operator-calls';
import { SHARED_CALLS } from './shared-calls';

// Whatever an operator changes stands in the trail: who, when, what it was and is, and why. Asked of every mutation that the ownership table gives to
// operators, and of each that they may call beside a merchant's people, where they must say why.

/** The mutations whose input asks operators alone for a reason. */
function sharedMutations(): OperatorMutation[] {
  const { definitions } = parse(readFileSync(join(__dirname, '..', 'schema.graphql'), 'utf8'));
  const asks = new Set(definitions.flatMap((one) =>
    one.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION && one.fields?.some(({ name, type }) => name.value === 'reason' && print(type) === 'String') ? [one.name.value] : []));
  const mutations = definitions.flatMap((one) => (one.kind === Kind.OBJECT_TYPE_DEFINITION && one.name.value === 'Mutation' ? one.fields ?? [] : []));
  const all = mutations.map(({ name, arguments: given }) => ({ name: name.value, inputType: print(given![0]!.type).replace('!', '') }));
  return all.filter(({ name, inputType }) => asks.has(inputType) && !OPERATORS.some((one) => one.name === name));
}
const OPERATORS = operatorMutations();
const SHARED = sharedMutations();
const CALLS = { ...OPERATOR_CALLS, ...SHARED_CALLS };

// A subgraph is composed with the whole graph, in a thread of its own.
jest.setTimeout(120_000);
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.world.stop());

interface Entry {
  readonly id: string;
  readonly at: Date;
}
const entries = (): Promise<Entry[]> => stage.world.subject.dataSource.query('SELECT * FROM audit_entry ORDER BY id');

it('knows a good call of each mutation of operators, and of no other', () => {
  expect(Object.keys(OPERATOR_CALLS).sort()).toEqual(OPERATORS.map(({ name }) => name).sort());
  expect(Object.keys(SHARED_CALLS).sort()).toEqual(SHARED.map(({ name }) => name).sort());
});

it.each([...OPERATORS, ...SHARED].map(({ name, inputType }) => [name, inputType]))('%s leaves its entries, once, and nothing where it is refused', async (name, inputType) => {
  const call = await CALLS[name]!(stage);
  const { subject } = stage.world;
  const send = async (input: object) => {
    const { data, errors } = await subject.ask(stage.ada, `mutation ($input: ${inputType}!) { done: ${name}(input: $input) { ${call.payload} userErrors { code field } } }`, { input });
    expect(errors).toBeUndefined();
    return data.done;
  };
  const known = new Set((await entries()).map(({ id }) => id));
  const fresh = async () => (await entries()).filter(({ id }) => !known.has(id));
  // Refused for its words or its object, it has changed nothing and says nothing.
  const wrong = 'reason' in call.input ? { ...call.input, reason: ' ' } : { ...call.input, applicationId: stage.ada.principal!.personId };
  expect((await send(wrong)).userErrors).not.toEqual([]);
  expect(await fresh()).toEqual([]);

  const payload = await send(call.input);
  expect(payload.userErrors).toEqual([]);
  const left = await fresh();
  expect(left).toEqual(call.told.map(({ action, about: [kind, id], before, after }) => expect.objectContaining({
    actorKind: 'PERSON', actorId: stage.ada.principal!.personId, action, subjectKind: kind, subjectId: typeof id === 'string' ? id : id(payload), before, after,
    reason: call.reason ?? call.input['reason'],
  })));
  for (const { at } of left) expect(Math.abs(at.getTime() - Date.now())).toBeLessThan(10_000);

  // What is so already is no change, whether it is answered as it is or refused.
  if (call.isNewEachTime) return;
  await send(call.input);
  expect(await fresh()).toEqual(left);
});
