import { Problem } from '../stack/problem.mjs';

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const ENTITY = /^[A-Z][A-Za-z0-9]*$/;
const LENGTH_MAX = 30;

/** Names that mean something else here: parts of the stack, folders, and words for no part of a business. */
const RESERVED = new Set([
  ...[
    'gateway',
    'sandbox',
    'postgres',
    'kafka',
    'smtp',
    'bus',
    'tael',
    'graphql',
    'platform',
    'testkit',
    'bench',
    'e2e',
  ],
  ...[
    'common',
    'shared',
    'utils',
    'core',
    'helpers',
    'lib',
    'misc',
    'query',
    'mutation',
    'subscription',
    'outbox',
    'inbox',
  ],
]);

/** What no variable may be called, and tables that every service has. */
const WORDS = new Set([
  ...[
    'class',
    'case',
    'catch',
    'const',
    'default',
    'delete',
    'else',
    'enum',
    'export',
    'extends',
    'false',
    'for',
    'if',
  ],
  ...[
    'function',
    'import',
    'in',
    'instanceof',
    'interface',
    'let',
    'new',
    'null',
    'package',
    'private',
    'public',
    'return',
  ],
  ...[
    'static',
    'super',
    'switch',
    'this',
    'throw',
    'true',
    'try',
    'typeof',
    'var',
    'void',
    'while',
    'with',
    'yield',
    'await',
  ],
  ...['inbox', 'outbox', 'migration', 'context', 'service', 'subject', 'constructor', 'arguments', 'eval'],
]);

/**
 * @typedef {object} Names all forms of a subgraph's names
 * @property {string} name loyalty-cards: the service, its folder, and the subgraph
 * @property {string} Name LoyaltyCards
 * @property {string} nameVar loyaltyCards
 * @property {string} Entity LoyaltyCard: the type of the graph
 * @property {string} entity loyaltyCard: the field that gives one
 * @property {string} entities loyaltyCards: the field that gives all
 * @property {string} entityFile loyalty-card
 * @property {string} entitiesFolder loyalty-cards
 * @property {string} table loyalty_card
 * @property {string} words loyalty cards
 */

const pascal = (/** @type {string} */ kebab) =>
  kebab.replace(/(^|-)([a-z0-9])/g, (_all, _dash, letter) => letter.toUpperCase());
const camel = (/** @type {string} */ text) => text.charAt(0).toLowerCase() + text.slice(1);
const kebab = (/** @type {string} */ text) => text.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();

/** @param {string} plural */
function singular(plural) {
  if (/[^aeiou]ies$/.test(plural)) return plural.replace(/ies$/, 'y');
  if (/(ss|x|ch|sh)es$/.test(plural)) return plural.slice(0, -2);
  return /[^s]s$/.test(plural) ? plural.slice(0, -1) : plural;
}

/** @param {string} word */
function plural(word) {
  if (/[^aeiou]y$/.test(word)) return word.replace(/y$/, 'ies');
  return /(s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

/**
 * Forms the names, or refuses what can be none.
 * @param {string | undefined} name
 * @param {string} [entityGiven] where the singular of the name is not its entity
 * @returns {Names}
 */
export function namesOf(name, entityGiven) {
  if (!name) throw new Problem('Which name? For example: npm run new-subgraph vouchers');
  if (!NAME.test(name) || name.length > LENGTH_MAX) {
    throw new Problem(
      `"${name}" is no name for a subgraph: small letters, digits and single dashes, a letter first, ${LENGTH_MAX} at most.`,
      'A plural is usual, such as vouchers or loyalty-cards.',
    );
  }
  if (RESERVED.has(name)) throw new Problem(`"${name}" is reserved: it means something else in this house.`);
  const Entity = entityGiven ?? pascal(singular(name));
  if (!ENTITY.test(Entity) || Entity.length > LENGTH_MAX) {
    throw new Problem(`"${Entity}" is no name for a type of the graph.`, 'Give one: --entity Voucher');
  }
  const entity = camel(Entity);
  if (WORDS.has(entity))
    throw new Problem(`"${Entity}" cannot be the entity: ${entity} is taken.`, 'Give another: --entity Voucher');
  const entityFile = kebab(Entity);
  const entitiesFolder = plural(entityFile);
  return {
    name,
    Name: pascal(name),
    nameVar: camel(pascal(name)),
    Entity,
    entity,
    entities: camel(pascal(entitiesFolder)),
    entityFile,
    entitiesFolder,
    table: entityFile.replaceAll('-', '_'),
    words: entitiesFolder.replaceAll('-', ' '),
  };
}

/**
 * Refuses a name that somebody has: a service, a type or a field of the graph.
 * @param {Names} names
 * @param {{ services: readonly string[], types: readonly string[], fields: readonly string[] }} present
 */
export function refuseTaken({ name, Entity, entity, entities }, { services, types, fields }) {
  if (services.includes(name)) throw new Problem(`There is a service ${name} already.`);
  const made = [
    Entity,
    `${Entity}Connection`,
    `${Entity}Edge`,
    `${Entity}Origin`,
    `Create${Entity}Input`,
    `Create${Entity}Payload`,
  ];
  const type = made.find((known) => types.includes(known));
  if (type) throw new Problem(`The graph has a type ${type} already.`, 'Give another entity: --entity Voucher');
  const field = [entity, entities, `create${Entity}`].find((known) => fields.includes(known));
  if (field) throw new Problem(`The graph has a field ${field} already.`, 'Give another entity: --entity Voucher');
}
