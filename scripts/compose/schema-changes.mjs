import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql';

/** @typedef {{ text: string, deprecated: string | null | undefined }} Part what stands at one coordinate of a schema */

/** @param {{ type: unknown, defaultValue?: unknown }} argument */
const typeOf = ({ type, defaultValue }) =>
  `${type}${defaultValue === undefined ? '' : ` = ${JSON.stringify(defaultValue)}`}`;

const KINDS = /** @type {const} */ ([
  [isObjectType, 'type'],
  [isInterfaceType, 'interface'],
  [isInputObjectType, 'input'],
  [isEnumType, 'enum'],
  [isUnionType, 'union'],
]);

/**
 * Every part of a schema by its coordinate: `Query.partner` → `Partner!`.
 * @param {import('graphql').GraphQLSchema} schema
 * @returns {Map<string, Part>}
 */
function partsOf(schema) {
  /** @type {Map<string, Part>} */
  const parts = new Map();
  const add = (/** @type {string} */ place, /** @type {string} */ text, /** @type {string | null | undefined} */ deprecated) =>
    parts.set(place, { text, deprecated });
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || isSpecifiedScalarType(type)) continue;
    add(type.name, KINDS.find(([is]) => is(type))?.[1] ?? 'scalar', undefined);
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const face of type.getInterfaces()) add(`${type.name} implements ${face.name}`, '', undefined);
      for (const field of Object.values(type.getFields())) {
        add(`${type.name}.${field.name}`, String(field.type), field.deprecationReason);
        for (const given of field.args) add(`${type.name}.${field.name}(${given.name}:)`, typeOf(given), given.deprecationReason);
      }
    } else if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) add(`${type.name}.${field.name}`, typeOf(field), field.deprecationReason);
    } else if (isEnumType(type)) {
      for (const value of type.getValues()) add(`${type.name}.${value.name}`, 'value', value.deprecationReason);
    } else if (isUnionType(type)) {
      for (const member of type.getTypes()) add(`${type.name} | ${member.name}`, '', undefined);
    }
  }
  return parts;
}

/** @param {string} place @param {Part} part */
const named = (place, { text }) => `\`${place}${text ? `: ${text}` : ''}\``;

/**
 * What is new, gone or other in a schema, a line each, in order of place; descriptions do not count.
 * @param {import('graphql').GraphQLSchema | undefined} before nothing where there was no schema
 * @param {import('graphql').GraphQLSchema} after
 * @returns {string[]}
 */
export function changesOf(before, after) {
  const old = before ? partsOf(before) : new Map();
  const now = partsOf(after);
  const lines = [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((place) => {
    const [was, is] = [old.get(place), now.get(place)];
    if (!is) return `Removed ${named(place, was)}`;
    if (!was) return `Added ${named(place, is)}`;
    return [
      ...(was.text === is.text ? [] : [`Changed \`${place}\`: \`${was.text}\` is \`${is.text}\` now`]),
      ...(!was.deprecated && is.deprecated ? [`Deprecated \`${place}\`: ${is.deprecated}`] : []),
      ...(was.deprecated && !is.deprecated ? [`\`${place}\` is not deprecated any more`] : []),
    ];
  });
  return lines;
}
