import { parse } from 'graphql';
import { createReferenceFilter } from './partner-subgraph.references';

const KEY = Buffer.alloc(32, 9);
const [ID, OTHER] = ['0195f6a8-0000-7000-8000-000000000001', '0195f6a8-0000-7000-8000-000000000002'];
const document = parse('query ($r: [_Any!]!, $first: Int) { _entities(representations: $r) { __typename } nordbank(first: $first) { id } }');
const UUID = /^[0-9a-f-]{36}$/;

describe('what leaves of things of ours', () => {
  const filter = createReferenceFilter({ slug: 'nordbank', partnerId: 'one' }, KEY);
  const ask = (r: unknown[], by = filter) => by({ document, variables: { r, first: 3 } });
  const nameOf = ({ variables }: ReturnType<typeof ask>) => (variables['r'] as { id: string }[])[0]!.id;

  it.each(['Wallet', 'Transaction'])('of a %s its name at the bank, which is ours again in the answer to that question, and nothing else', (typeName) => {
    const asked = ask([{ __typename: typeName, id: ID, balance: '5.00' }]);
    const name = nameOf(asked);
    expect(asked.variables).toEqual({ r: [{ __typename: typeName, id: expect.stringMatching(UUID) }], first: 3 });
    expect([name === ID, nameOf(ask([{ __typename: typeName, id: ID }])) === name]).toEqual([false, true]);
    expect(asked.idOf(typeName, name)).toBe(ID);
    const other = createReferenceFilter({ slug: 'sydbank', partnerId: 'two' }, KEY);
    expect(nameOf(ask([{ __typename: typeName, id: ID }], other))).not.toBe(name);
  });

  it('and no name that the bank has kept from another question, or from another kind', () => {
    const [before, now] = [ask([{ __typename: 'Wallet', id: OTHER }]), ask([{ __typename: 'Wallet', id: ID }])];
    expect([now.idOf('Wallet', nameOf(before)), now.idOf('Transaction', nameOf(now)), now.idOf('Wallet', ID)]).toEqual([null, null, null]);
  });

  it('of a merchant, whom everybody knows, its id, and what is the bank’s own as it is', () => {
    const own = { __typename: 'NordbankCredit', id: '7', more: true };
    const { variables, idOf } = ask([{ __typename: 'Merchant', id: ID, name: 'Shop' }, own]);
    expect(variables).toEqual({ r: [{ __typename: 'Merchant', id: ID }, own], first: 3 });
    expect([idOf('Merchant', ID), idOf('NordbankCredit', '7')]).toEqual([ID, '7']);
  });

  it('is nothing where an id is none of ours', () => {
    expect(ask([{ __typename: 'Wallet', id: 'x' }, { __typename: 'Wallet' }]).variables['r']).toEqual([{ __typename: 'Wallet', id: undefined }, { __typename: 'Wallet', id: undefined }]);
  });
});
