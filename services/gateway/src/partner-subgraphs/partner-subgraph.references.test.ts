import { parse } from 'graphql';
import { createPairwiseNames, createReferenceFilter } from './partner-subgraph.references';

const KEY = Buffer.alloc(32, 9);
const ID = '0195f6a8-0000-7000-8000-000000000001';
const document = parse('query ($r: [_Any!]!, $first: Int) { _entities(representations: $r) { __typename } nordbank(first: $first) { id } }');
const UUID = /^[0-9a-f-]{36}$/;

describe('what leaves of things of ours', () => {
  const names = createPairwiseNames(KEY, 'nordbank');
  const sent = (r: unknown[]) => createReferenceFilter('nordbank', names)({ document, variables: { r, first: 3 } });

  it.each(['Wallet', 'Transaction'])('of a %s its name at the bank, which is ours again in its answer, and nothing else', (typeName) => {
    const { r, first } = sent([{ __typename: typeName, id: ID, balance: '5.00' }]) as { r: { id: string }[]; first: number };
    expect([r, first]).toEqual([[{ __typename: typeName, id: expect.stringMatching(UUID) }], 3]);
    expect(r[0]!.id).not.toBe(ID);
    expect(names.idOf(typeName, r[0]!.id)).toBe(ID);
    expect(createPairwiseNames(KEY, 'sydbank').hide(typeName, ID)).not.toBe(r[0]!.id);
  });

  it('of a merchant, whom everybody knows, its id, and what is the bank’s own as it is', () => {
    const own = { __typename: 'NordbankCredit', id: '7', more: true };
    expect(sent([{ __typename: 'Merchant', id: ID, name: 'Shop' }, own])).toEqual({ r: [{ __typename: 'Merchant', id: ID }, own], first: 3 });
  });

  it('is nothing where an id is none of ours', () => {
    expect(sent([{ __typename: 'Wallet', id: 'x' }, { __typename: 'Wallet' }])).toEqual({ r: [{ __typename: 'Wallet', id: undefined }, { __typename: 'Wallet', id: undefined }], first: 3 });
    expect(names.idOf('Wallet', 'x')).toBeNull();
  });
});
