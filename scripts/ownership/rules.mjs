import { Kind, parse } from 'graphql';

/**
 * @typedef {object} Rules of supergraph.ownership.json
 * @property {Record<string, string[]>} things who may know of a thing that an id names; nobody where the list is empty
 * @property {Record<string, string>} ids the thing that each argument and input field of type ID names
 * @property {Record<string, string>} operations who may call: anybody, signed-in, operators or partners (banks at their own door, and no person)
 * @property {Record<string, string[]>} entities who may see each field of what a subgraph finds by its key
 * @property {Record<string, string>} values the fields of each type that is only ever seen within another
 */

const CALLERS = ['anybody', 'signed-in', 'operators', 'partners'];
const VIEWERS = ['owner', 'merchant', 'operator', 'stranger'];
const ROOTS = new Set(['Query', 'Mutation', 'Subscription']);
/** Types of the composition itself, which no client and no subgraph serves. */
const MACHINERY = /^(join|link|core)__/;

/**
 * What of a supergraph needs a rule, by the section of the file that it belongs in.
 * @param {string} supergraph
 */
export function placesOf(supergraph) {
  const places = {
    ids: new Set(),
    operations: new Set(),
    entities: new Set(),
    /** @type {Map<string, string[]>} */ values: new Map(),
  };
  for (const definition of parse(supergraph).definitions) {
    if (!('name' in definition) || !definition.name || MACHINERY.test(definition.name.value)) continue;
    const type = definition.name.value;
    if (definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
      for (const field of definition.fields ?? []) if (isId(field.type)) places.ids.add(`${type}.${field.name.value}`);
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION)
      addFields(places, { type, fields: definition.fields ?? [], keyed: isKeyed(definition) });
  }
  return places;
}

/**
 * @param {ReturnType<typeof placesOf>} places
 * @param {{ type: string, fields: readonly import('graphql').FieldDefinitionNode[], keyed: boolean }} definition
 */
function addFields(places, { type, fields, keyed }) {
  const names = fields.map(({ name }) => name.value);
  for (const { name, arguments: args } of fields)
    for (const arg of args ?? []) if (isId(arg.type)) places.ids.add(`${type}.${name.value}(${arg.name.value})`);
  if (ROOTS.has(type)) for (const name of names) places.operations.add(`${type}.${name}`);
  else if (keyed) for (const name of names) places.entities.add(`${type}.${name}`);
  else places.values.set(type, names);
}

/** @param {import('graphql').TypeNode} type @returns {boolean} */
const isId = (type) => (type.kind === Kind.NAMED_TYPE ? type.name.value === 'ID' : isId(type.type));

/** @param {{ directives?: readonly import('graphql').DirectiveNode[] | undefined }} definition */
const isKeyed = ({ directives = [] }) =>
  directives.some(
    ({ name, arguments: args = [] }) => name.value === 'join__type' && args.some((arg) => arg.name.value === 'key'),
  );

/**
 * Every way in which rules and graph do not fit.
 * @param {string} supergraph
 * @param {Rules} rules
 * @returns {string[]} a line each; none where every field has its rule
 */
export function problemsOf(supergraph, rules) {
  const places = placesOf(supergraph);
  const valueFields = [...places.values].flatMap(([type, names]) => names.map((name) => `${type}.${name}`));
  const valueRules = Object.entries(rules.values).flatMap(([type, names]) =>
    names.split(' ').map((name) => `${type}.${name}`),
  );
  return [
    ...unlike('ids', places.ids, Object.keys(rules.ids)),
    ...unlike('operations', places.operations, Object.keys(rules.operations)),
    ...unlike('entities', places.entities, Object.keys(rules.entities)),
    ...unlike('values', new Set(valueFields), valueRules),
    ...unknownWords(rules),
  ].sort();
}

/**
 * @param {string} section
 * @param {Set<unknown>} places
 * @param {string[]} ruled
 */
function unlike(section, places, ruled) {
  const known = new Set(ruled);
  return [
    ...[...places].filter((place) => !known.has(String(place))).map((place) => `${place} has no rule in "${section}"`),
    ...ruled
      .filter((place) => !places.has(place))
      .map((place) => `${place} has a rule in "${section}" and is not there`),
  ];
}

/** @param {Rules} rules */
function unknownWords(rules) {
  const viewers = Object.entries({ ...rules.things, ...rules.entities });
  return [
    ...Object.entries(rules.operations)
      .filter(([, callers]) => !CALLERS.includes(callers))
      .map(([place, callers]) => `${place} is for "${callers}": not one of ${CALLERS.join(', ')}`),
    ...viewers.flatMap(([place, names]) =>
      names
        .filter((name) => !VIEWERS.includes(name))
        .map((name) => `${place} is seen by "${name}": not one of ${VIEWERS.join(', ')}`),
    ),
    ...Object.entries(rules.ids)
      .filter(([, thing]) => !(thing in rules.things))
      .map(([place, thing]) => `${place} names a "${thing}": no such thing`),
  ];
}
