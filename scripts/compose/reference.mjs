import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, isSpecifiedScalarType, isUnionType } from 'graphql';

/** @typedef {import('graphql').GraphQLField<unknown, unknown>} Field */

const HEADER = `# The partners' graph

Made by \`npm run compose\` from [the contract](../../partner.schema.graphql). How to reach it: [the door](door.md). What changed:
[changelog](changelog.md).
`;

// A table cell is one line, and a bar would end it.
const cell = (/** @type {string | null | undefined} */ text) => (text ?? '').replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');

/** @param {{ deprecationReason?: string | null | undefined, description?: string | null | undefined }} part */
const wordsOf = ({ description, deprecationReason }) =>
  cell([deprecationReason ? `**Deprecated**: ${deprecationReason}` : '', description ?? ''].filter(Boolean).join(' '));

/** @param {Field} field */
const signatureOf = ({ name, args, type }) =>
  `${name}${args.length ? `(${args.map((given) => `${given.name}: ${given.type}`).join(', ')})` : ''}: ${type}`;

/** @param {readonly (readonly [string, string])[]} rows @param {string} of */
const table = (rows, of) => [`| ${of} | |`, '|---|---|', ...rows.map(([name, words]) => `| \`${name}\` | ${words} |`)].join('\n');

/** @param {Field} field */
function operation(field) {
  const args = field.args.map((given) => /** @type {const} */ ([`${given.name}: ${cell(String(given.type))}`, wordsOf(given)]));
  return [`### ${field.name}`, `\`${signatureOf(field)}\``, wordsOf(field), args.length ? table(args, 'Argument') : '']
    .filter(Boolean)
    .join('\n\n');
}

/** @param {import('graphql').GraphQLNamedType} type */
function typeSection(type) {
  const rows = () => {
    if (isObjectType(type) || isInterfaceType(type)) {
      const fields = Object.values(type.getFields());
      return table(fields.map((field) => [cell(signatureOf(field)), wordsOf(field)]), 'Field');
    }
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields());
      return table(fields.map((field) => [`${field.name}: ${cell(String(field.type))}`, wordsOf(field)]), 'Field');
    }
    if (isEnumType(type)) return table(type.getValues().map((value) => [value.name, wordsOf(value)]), 'Value');
    if (isUnionType(type)) return `One of ${type.getTypes().map(({ name }) => `\`${name}\``).join(', ')}.`;
    return '';
  };
  return [`### ${type.name}`, wordsOf(type), rows()].filter(Boolean).join('\n\n');
}

/**
 * The page about a schema: its operations, then its types, in order of their names.
 * @param {import('graphql').GraphQLSchema} schema
 * @returns {string}
 */
export function referenceOf(schema) {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter((type) => !!type);
  const operations = roots.map((root) =>
    [`## ${root.name}`, ...Object.values(root.getFields()).map(operation)].join('\n\n'),
  );
  const types = Object.values(schema.getTypeMap())
    .filter((type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type) && !roots.some(({ name }) => name === type.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const parts = [HEADER.trim(), ...operations, ...(types.length ? ['## Types', ...types.map(typeSection)] : [])];
  return `${parts.join('\n\n')}\n`;
}
