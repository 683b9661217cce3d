import { memberName, nodesOf } from '../source.mjs';

export const RULES = ['domain-pure'];

const GLOBALS = new Set(['process', 'performance', 'crypto', 'setTimeout', 'setInterval', 'setImmediate', 'fetch']);

function impurity(node) {
  if (node.type === 'NewExpression') {
    const isClock = node.callee.type === 'Identifier' && node.callee.value === 'Date' && !node.arguments?.length;
    return isClock ? 'new Date()' : undefined;
  }
  if (node.type === 'CallExpression') {
    return node.callee.type === 'Identifier' && GLOBALS.has(node.callee.value) ? node.callee.value : undefined;
  }
  const object = node.object.type === 'Identifier' ? node.object.value : '';
  const member = `${object}.${memberName(node)}`;
  return GLOBALS.has(object) || member === 'Date.now' || member === 'Math.random' ? member : undefined;
}

/** The rules of a noun decide by what they are given: clock, chance and surroundings are parameters. */
export function check(source) {
  if (!/\.domain\.ts$/.test(source.path)) return [];
  return nodesOf(source, 'NewExpression', 'CallExpression', 'MemberExpression')
    .map((node) => ({ node, name: impurity(node) }))
    .filter(({ name }) => name)
    .map(({ node, name }) => ({
      rule: 'domain-pure',
      message: `${name} in a domain file: hand it in as a parameter`,
      line: source.lineOf(node),
    }));
}
