import { parseSync } from '@swc/core';
import { readFileSync } from 'node:fs';

const SYNTAX = { syntax: 'typescript', decorators: true, target: 'es2023' };

/**
 * A TypeScript file as the checks see it.
 * @typedef {object} Source
 * @property {string} path - absolute
 * @property {boolean} isTest - a test, or what only tests use
 * @property {Map<string, object[]>} byType - the nodes of the syntax tree, as SWC gives it, by their type
 * @property {(node: object) => number} lineOf
 * @property {(node: object) => string} textOf
 */

/** Reads and parses one file. @returns {Source} */
export function readSource(path) {
  const bytes = readFileSync(path);
  // SWC's positions count bytes of UTF-8, from 1.
  const offset = (position) => position - 1;
  const byType = new Map();
  index(parseSync(bytes.toString('utf8'), SYNTAX).body, byType);
  return {
    path,
    isTest: /\.test\.ts$|\/test\/|\/e2e\/|\/bench\/|\/packages\/testkit\//.test(path),
    byType,
    lineOf: (node) => bytes.subarray(0, offset(node.span.start)).toString('latin1').split('\n').length,
    textOf: (node) => bytes.subarray(offset(node.span.start), offset(node.span.end)).toString('utf8'),
  };
}

/** Puts every node of a tree into `byType`, parents first. */
function index(node, byType) {
  if (Array.isArray(node)) {
    for (const child of node) index(child, byType);
    return;
  }
  if (node === null || typeof node !== 'object') return;
  if (typeof node.type === 'string') {
    const others = byType.get(node.type);
    if (others) others.push(node);
    else byType.set(node.type, [node]);
  }
  for (const key in node) {
    if (key !== 'span') index(node[key], byType);
  }
}

/** Gives every node of the given types. */
export function nodesOf(source, ...types) {
  return types.flatMap((type) => source.byType.get(type) ?? []);
}

/** Gives the name behind the last dot of a member expression, also where it is written in brackets; else undefined. */
export function memberName(node) {
  if (node?.type !== 'MemberExpression') return undefined;
  if (node.property.type === 'Identifier') return node.property.value;
  return node.property.type === 'Computed' && node.property.expression.type === 'StringLiteral'
    ? node.property.expression.value
    : undefined;
}

/** Gives the fixed beginning of a string or template literal; undefined for anything else. */
export function literalStart(node) {
  if (node?.type === 'StringLiteral') return node.value;
  return node?.type === 'TemplateLiteral' ? node.quasis[0].raw : undefined;
}
