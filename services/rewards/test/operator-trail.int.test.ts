import { operatorMutations } from '@tael/testkit';
import { change, createCampaign, operator, startSubject, type Subject } from './support';

// Whatever an operator changes stands in the trail: who, when, what it was and is, and why. Asked of every mutation that the ownership table gives to operators.
const MUTATIONS = operatorMutations();
const usd = (amount: string) => ({ amount, currency: 'USD' });
const draft = { name: 'Autumn', currency: 'USD', budget: usd('1000.00'), conditions: {}, cashback: { rateBasisPoints: 250 } };

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('operator_trail');
});
afterAll(() => subject?.stop());

interface Call {
  readonly input: Record<string, unknown>;
  readonly entry: { readonly action: string; readonly before: object | null; readonly after: object };
}

/** A good call of each, and what its entry says was before and is after. */
const CALLS: Record<string, () => Promise<Call>> = {
  createCampaign: async () => ({
    input: { ...draft, reason: 'For the autumn' },
    entry: { action: 'CREATED', before: null, after: { status: 'DRAFT', name: 'Autumn', currency: 'USD', budget: '100000', effect: 'CASHBACK' } },
  }),
  activateCampaign: async () => ({
    input: { campaignId: await createCampaign(subject, draft), reason: 'It begins' }, entry: { action: 'ACTIVATED', before: { status: 'DRAFT' }, after: { status: 'ACTIVE' } },
  }),
  pauseCampaign: async () => {
    const campaignId = await createCampaign(subject, draft);
    await change(subject, 'activate', campaignId);
    return { input: { campaignId, reason: 'Too much was given' }, entry: { action: 'PAUSED', before: { status: 'ACTIVE' }, after: { status: 'PAUSED' } } };
  },
};

const entries = () => subject.dataSource.query('SELECT * FROM campaign_audit ORDER BY id') as Promise<{ id: string; at: Date }[]>;

it('knows a good call of each mutation of operators, and of no other', () => {
  expect(Object.keys(CALLS).sort()).toEqual(MUTATIONS.map(({ name }) => name).sort());
});

it.each(MUTATIONS.map(({ name, inputType }) => [name, inputType]))('%s leaves its entry, once, and nothing where it is refused', async (name, inputType) => {
  const { input, entry } = await CALLS[name]!();
  const as = operator();
  const send = async (given: object) => {
    const { data, errors } = await subject.ask(as, `mutation ($input: ${inputType}!) { done: ${name}(input: $input) { campaign { id } userErrors { code } } }`, { input: given });
    expect(errors).toBeUndefined();
    return data.done;
  };
  const known = new Set((await entries()).map(({ id }) => id));
  const fresh = async () => (await entries()).filter(({ id }) => !known.has(id));
  expect((await send({ ...input, reason: ' ' })).userErrors).not.toEqual([]);
  expect(await fresh()).toEqual([]);
  const { campaign, userErrors } = await send(input);
  expect(userErrors).toEqual([]);
  const left = await fresh();
  expect(left).toEqual([expect.objectContaining({ ...entry, campaignId: campaign.id, actorId: as.principal!.personId, reason: input['reason'] })]);
  expect(Math.abs(left[0]!.at.getTime() - Date.now())).toBeLessThan(10_000);
  // What is so already is answered as it is, and is no change.
  if (name !== 'createCampaign') {
    expect((await send(input)).userErrors).toEqual([]);
    expect(await fresh()).toEqual(left);
  }
});
