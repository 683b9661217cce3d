import { operatorMutations } from '@tael/testkit';
import { openStage, OPERATOR_CALLS, type Stage } from './support/operator-calls';

// Whatever an operator changes stands in the trail: who, when, what it was and is, and why. Asked of every mutation that the ownership table gives to operators.
const MUTATIONS = operatorMutations();

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 60_000);
afterAll(async () => {
  expect(await stage.recon.bank.breaches()).toEqual([]);
  await stage.consents.world.end();
});

interface Entry {
  readonly id: string;
  readonly at: Date;
  readonly actorId: string | null;
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly reason: string;
}
const entries = async (): Promise<Entry[]> => (await stage.consents.world.rows('SELECT * FROM audit_entry ORDER BY id')) as unknown as Entry[];

it('knows a good call of each mutation of operators, and of no other', () => {
  expect(Object.keys(OPERATOR_CALLS).sort()).toEqual(MUTATIONS.map(({ name }) => name).sort());
  expect(MUTATIONS.length).toBeGreaterThan(20);
});

it.each(MUTATIONS.map(({ name, inputType }) => [name, inputType]))('%s leaves its entry, once, and nothing where it is refused', async (name, inputType) => {
  const call = await OPERATOR_CALLS[name]!(stage);
  const { world } = stage.consents;
  const { ada } = stage.recon;
  const send = async (input: object) => {
    const { data, errors } = await world.ask(`mutation ($input: ${inputType}!) { done: ${name}(input: $input) { ${call.payload} userErrors { code field } } }`, { input }, ada.as);
    if (errors) throw new Error(JSON.stringify(errors));
    return data.done;
  };
  const known = new Set((await entries()).map(({ id }) => id));
  // Refused for its words or its object, it has changed nothing and says nothing.
  const words = ['reason', 'note'].find((field) => field in call.input);
  const wrong = words ? { ...call.input, [words]: ' ' } : { ...call.input, fileId: ada.id };
  expect((await send(wrong)).userErrors).not.toEqual([]);
  expect((await entries()).filter(({ id }) => !known.has(id))).toEqual([]);

  const [{ now: earliest }] = await world.rows('SELECT clock_timestamp() AS now') as [{ now: Date }];
  const payload = await send(call.input);
  expect(payload.userErrors).toEqual([]);
  const left = (await entries()).filter(({ id, actorId }) => !known.has(id) && actorId === ada.id);
  expect(left).toEqual([expect.objectContaining({
    action: call.action, subjectKind: call.about.kind, subjectId: call.about.id(payload), before: call.before, after: call.after, reason: call.reason ?? call.input[words!],
  })]);
  expect(Math.abs(left[0]!.at.getTime() - earliest.getTime())).toBeLessThan(10_000);
}, 60_000);
