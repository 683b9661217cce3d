import plugin from '@graphql-eslint/eslint-plugin';

/** Where our graph differs from the two sets, each with why. */
const DIFFERENT = {
  // Fields stand in the order of their meaning, as the decorated classes have them.
  '@graphql-eslint/alphabetize': 'off',
  // What a client calls is described; a type says what it is by its name (…Input, …Payload, …Edge) or by its fields.
  '@graphql-eslint/require-description': ['error', { rootField: true }],
  // What a text may hold no type says: its description does (ASVS 2.1.1).
  'no-restricted-syntax': [
    'error',
    {
      selector: "InputObjectTypeDefinition InputValueDefinition:not(:has(> .description)):has(NamedType > Name[value='String'])",
      message: 'a text that somebody sends has a description: what it may hold, and how much',
    },
  ],
  // Values such as Money and QuietHours have no identity; what has one is an entity, and composition asks for its key.
  '@graphql-eslint/strict-id-in-types': 'off',
  // The contract promises these results: a refusal is in the payload, and without a session nothing is answered.
  '@graphql-eslint/require-nullable-result-in-root': 'off',
  // A mutation answers with what it changed; a client that wants more asks for more.
  '@graphql-eslint/require-field-of-type-query-in-mutation-result': 'off',
  // There are mutations and subscriptions.
  '@graphql-eslint/no-root-type': 'off',
  // Lists go forward only, `first` and `after`: a page backwards would need its own index on every table.
  '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
  // There is no `node` query: an id alone says neither whose it is nor who may see it. Short lists are plain lists.
  '@graphql-eslint/relay-edge-types': ['error', { shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false }],
};

/**
 * The configuration for one schema: all rules of graphql-eslint for schemas and for Relay, but as said above.
 * @param {string} schema
 * @returns {import('eslint').Linter.Config[]}
 */
export function schemaRules(schema) {
  const { configs, parser, rules: known } = /** @type {any} */ (plugin);
  const rules = { ...configs['flat/schema-all'].rules, ...configs['flat/schema-relay'].rules, ...DIFFERENT };
  return [
    {
      files: ['**/*.graphql'],
      plugins: { '@graphql-eslint': { rules: known } },
      languageOptions: { parser, parserOptions: { graphQLConfig: { schema } } },
      rules,
    },
  ];
}
