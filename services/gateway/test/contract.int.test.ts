import { composeServices, transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, buildSchema, parse, validate } from 'graphql';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { FIRST_QUERY } from '../src/graphiql/graphiql.page';
import { missingFromContract } from './contract/schema-superset';

const contractText = readFileSync(path.join(__dirname, 'contract', 'client.graphql'), 'utf8');
const services = path.join(__dirname, '..', '..');

test('the composed API is a superset of what client applications are written against', () => {
  const subgraphs = ['accounts', 'merchants', 'rewards', 'notifications'].map((name) => ({
    name,
    url: `http://${name}.test/graphql`,
    typeDefs: parse(readFileSync(path.join(services, name, 'schema.graphql'), 'utf8')),
  }));
  const { supergraphSdl, errors } = composeServices(subgraphs);
  expect(errors?.map((error) => error.message) ?? []).toEqual([]);
  const api = buildASTSchema(transformSupergraphToPublicSchema(parse(supergraphSdl!)));
  expect(missingFromContract(api, buildSchema(contractText))).toEqual([]);
  expect(validate(api, parse(FIRST_QUERY)).map((error) => error.message)).toEqual([]);
});

// The comparison itself must be able to fail: every way in which a schema can fall short, and what may differ freely.
describe('the comparison', () => {
  const contract = buildSchema(contractText);
  const served = (from: string, to: string): string[] => {
    expect(contractText).toContain(from);
    return missingFromContract(buildSchema(contractText.replace(from, to)), contract);
  };

  test.each([
    [
      'a field is missing',
      '  displayName: String!\n  email: String!',
      '  displayName: String!',
      'User.email is missing',
    ],
    ['an output became nullable', 'viewer: User!', 'viewer: User', 'Query.viewer is User, not User!'],
    [
      'a list item became nullable',
      'wallets: [Wallet!]!',
      'wallets: [Wallet]!',
      'User.wallets is [Wallet]!, not [Wallet!]!',
    ],
    [
      'a list became one',
      'userErrors: [UserError!]!',
      'userErrors: UserError!',
      'SignUpPayload.userErrors is UserError!, not [UserError!]!',
    ],
    [
      'an argument is missing',
      'wallet(currency: CurrencyCode!): Wallet',
      'wallet: Wallet',
      'User.wallet.currency is missing',
    ],
    [
      'an argument is demanded',
      'search: String',
      'search: String!',
      'Query.merchants.search takes String!, not String',
    ],
    [
      'a new argument is demanded',
      'merchant(id: ID!)',
      'merchant(id: ID!, at: ID!)',
      'Query.merchant.at is demanded, the contract does not know it',
    ],
    [
      'a default changed',
      'firstPaymentOnly: Boolean = false',
      'firstPaymentOnly: Boolean = true',
      'CampaignConditionsInput.firstPaymentOnly has the default true, not false',
    ],
    ['an input is missing', '  reason: String\n', '', 'RefundPaymentInput.reason is missing'],
    [
      'an input is demanded',
      '  reason: String\n',
      '  reason: String!\n',
      'RefundPaymentInput.reason takes String!, not String',
    ],
    ['an enum value is missing', '  CARD_DECLINED\n', '', 'UserErrorCode.CARD_DECLINED is missing'],
    ['a mutation is missing', '  sendMoney(input', '  giveMoney(input', 'Mutation.sendMoney is missing'],
    ['another scalar', 'readAt: DateTime', 'readAt: String', 'Notification.readAt is String, not DateTime'],
  ])('sees that %s', (_what, from, to, problem) => {
    expect(served(from, to)).toContain(problem);
  });

  test.each([
    ['a stricter output', '  referralCode: String!\n  referrals', '  referralCode: String!\n  more: Int\n  referrals'],
    ['a non-null output', 'merchant(id: ID!): Merchant', 'merchant(id: ID!): Merchant!'],
    [
      'a looser input',
      '  currency: CurrencyCode!\n}\n\ntype OpenWalletPayload',
      '  currency: CurrencyCode\n}\n\ntype OpenWalletPayload',
    ],
    ['a new optional argument', 'merchant(id: ID!)', 'merchant(id: ID!, at: ID)'],
    ['a new enum value', '  CARD_DECLINED\n', '  CARD_DECLINED\n  CARD_LOST\n'],
    [
      'other words',
      '"ISO 4217 alphabetic code of an active currency, e.g. USD (2 digits), JPY (0), KWD (3)."',
      '"A currency."',
    ],
  ])('lets %s pass', (_what, from, to) => {
    expect(served(from, to)).toEqual([]);
  });
});
