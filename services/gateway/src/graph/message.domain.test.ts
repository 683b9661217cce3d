import { buildSchema, GraphQLError, parse, validate } from 'graphql';
import { getVariableValues } from 'graphql/execution/values';
import { MESSAGE_LENGTH_MAX, withoutValues } from './message.domain';

const SECRET = '4242424242424242';
const schema = buildSchema(`
  scalar Moment
  enum Kind { CARD CASH }
  input Card { number: String! holder: Holder moment: Moment }
  input Holder { age: Int kinds: [Kind!] active: Boolean rate: Float id: ID }
  type Query { add(input: Card, cards: [Card!], n: Int, kind: Kind): Int }
`);
// As the scalars of our subgraphs do: some say what was wrong, one repeats the value.
const moment = schema.getType('Moment') as unknown as { parseValue: (value: unknown) => unknown };
moment.parseValue = (value) => {
  if (value === 'echo me') throw new GraphQLError(`not a moment: ${value}`);
  throw new GraphQLError('Moment must be an RFC 3339 instant in UTC');
};

function messagesOf(type: string, value: unknown): string[] {
  const [operation] = parse(`query ($input: ${type}) { __typename }`).definitions;
  const nodes = operation && 'variableDefinitions' in operation ? (operation.variableDefinitions ?? []) : [];
  const { errors } = getVariableValues(schema, nodes as never, { input: value });
  return (errors ?? []).map((error) => error.message);
}

test.each<[string, unknown, string]>([
  [
    'Card',
    { number: 4242424242424242 },
    'Variable "$input" has an invalid value at "input.number"; String cannot represent a non string value.',
  ],
  [
    '[Card!]',
    [{ number: 'x' }, { number: [SECRET] }],
    'Variable "$input" has an invalid value at "input[1].number"; String cannot represent a non string value.',
  ],
  ['Card', SECRET, 'Variable "$input" has an invalid value; Expected type "Card" to be an object.'],
  [
    'Card',
    { number: null },
    'Variable "$input" has an invalid value at "input.number"; Expected non-nullable type "String!" not to be null.',
  ],
  [
    'Card',
    { holder: { id: SECRET } },
    'Variable "$input" has an invalid value; Field "number" of required type "String!" was not provided.',
  ],
  [
    'Card',
    { number: SECRET, cvc: '1' },
    'Variable "$input" has an invalid value; Field "cvc" is not defined by type "Card".',
  ],
  [
    'Holder',
    { age: 'my; password" at "input.age"; Expected' },
    'Variable "$input" has an invalid value at "input.age"; Int cannot represent non-integer value.',
  ],
  [
    'Holder',
    { age: 4242424242424242 },
    'Variable "$input" has an invalid value at "input.age"; Int cannot represent non 32-bit signed integer value.',
  ],
  [
    'Holder',
    { kinds: [SECRET] },
    'Variable "$input" has an invalid value at "input.kinds[0]"; The value does not exist in "Kind" enum.',
  ],
  [
    'Holder',
    { kinds: [4242] },
    'Variable "$input" has an invalid value at "input.kinds[0]"; Enum "Kind" cannot represent non-string value.',
  ],
  ['Int', SECRET, 'Variable "$input" has an invalid value; Int cannot represent non-integer value.'],
  ['Moment', SECRET, 'Variable "$input" has an invalid value; Moment must be an RFC 3339 instant in UTC'],
  ['Moment', 'echo me', 'Variable "$input" has an invalid value.'],
  ['Moment', { pin: SECRET }, 'Variable "$input" has an invalid value.'],
])('a variable of type %s with %j keeps place and type alone', (type, value, expected) => {
  expect(messagesOf(type, value).map(withoutValues)).toContain(expected);
});

test.each([
  [`{ add(n: "${SECRET}") }`, 'Int cannot represent non-integer value.'],
  [`{ add(input: { number: ${SECRET} }) }`, 'String cannot represent a non string value.'],
  [`{ add(input: "${SECRET}") }`, 'Expected value of type "Card".'],
  [`{ add(input: { number: ["${SECRET}"] }) }`, 'String cannot represent a non string value.'],
  ['{ add(kind: hunter2) }', 'The value does not exist in "Kind" enum.'],
  [`{ add(kind: "${SECRET}") }`, 'Enum "Kind" cannot represent non-enum value.'],
])('a literal in %s is not repeated', (document, expected) => {
  expect(validate(schema, parse(document)).map((error) => withoutValues(error.message))).toEqual([expected]);
});

test.each([
  [`{ add(n: 1 "${SECRET}") }`, 'Syntax Error: Expected Name, found String.'],
  ['{ add(input: { number: 4242 4242 }) }', 'Syntax Error: Expected Name, found Int.'],
  ['{ add(input: { number: """4242 \n4242""" 1.5 }) }', 'Syntax Error: Expected Name, found Float.'],
  [`"${SECRET}`, 'Syntax Error: Unterminated string.'],
  ['{ add(', 'Syntax Error: Expected Name, found <EOF>.'],
])('the text of %s is not repeated', (document, expected) => {
  let message = '';
  try {
    parse(document);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(withoutValues(message)).toBe(expected);
});

test.each([
  [
    'Expected value of type "Decimal!", found "1e5"; An amount is digits.',
    'Expected value of type "Decimal!"; An amount is digits.',
  ],
  ['Expected value of type "Decimal!", found "1e5"; 1e5 is none.', 'Expected value of type "Decimal!".'],
  ['Argument "n" has invalid value "hunter2".', 'Argument "n" has an invalid value.'],
  ['Cannot query field "a" on type "Query".', 'Cannot query field "a" on type "Query".'],
  ['Sign in first.', 'Sign in first.'],
])('%s', (message, expected) => {
  expect(withoutValues(message)).toBe(expected);
});

test('no message is longer than its bound', () => {
  const long = withoutValues('x'.repeat(5_000));
  expect([long.length, long.endsWith('…')]).toEqual([MESSAGE_LENGTH_MAX, true]);
});
