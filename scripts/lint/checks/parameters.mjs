import { nodesOf } from '../source.mjs';

export const RULES = ['parameters'];

const PARAMETERS_MAX = 4;

/** A function of our own takes few parameters, else an object; the signature of a callback is its library's. */
export function check(source) {
  if (source.isTest) return [];
  const functions = nodesOf(source, 'FunctionDeclaration', 'ClassMethod').map((node) => ({
    node,
    count: (node.function ?? node).params.length,
  }));
  const arrows = nodesOf(source, 'VariableDeclarator')
    .filter((node) => node.init?.type === 'ArrowFunctionExpression')
    .map((node) => ({ node, count: node.init.params.length }));
  return [...functions, ...arrows]
    .filter(({ count }) => count > PARAMETERS_MAX)
    .map(({ node, count }) => ({
      rule: 'parameters',
      message: `${count} parameters: from ${PARAMETERS_MAX + 1} on, take an object`,
      line: source.lineOf(node),
    }));
}
