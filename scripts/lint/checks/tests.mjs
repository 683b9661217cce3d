import { memberName, nodesOf } from '../source.mjs';

export const RULES = ['test-runs'];

const BLOCKS = new Set(['it', 'test', 'describe']);
const ALIASES = new Set(['xit', 'xtest', 'xdescribe', 'fit', 'fdescribe']);
const MODIFIERS = new Set(['only', 'skip', 'todo', 'failing']);

/**
 * Every test runs: none is set aside, none sets the others aside. A suite that a condition sets aside (`broker ? describe :
 * describe.skip`) is free: the condition stands in the code, and the report shows the suite as skipped.
 */
export function check(source) {
  if (!source.isTest) return [];
  const conditional = new Set(
    nodesOf(source, 'ConditionalExpression').flatMap((node) => [node.consequent, node.alternate]),
  );
  const members = nodesOf(source, 'MemberExpression')
    .filter((node) => !conditional.has(node))
    .filter(
      (node) => node.object.type === 'Identifier' && BLOCKS.has(node.object.value) && MODIFIERS.has(memberName(node)),
    )
    .map((node) => ({ node, name: source.textOf(node) }));
  const aliases = nodesOf(source, 'CallExpression')
    .filter(({ callee }) => callee.type === 'Identifier' && ALIASES.has(callee.value))
    .map((node) => ({ node, name: node.callee.value }));
  return [...members, ...aliases].map(({ node, name }) => ({
    rule: 'test-runs',
    message: `${name}: a test runs or does not exist`,
    line: source.lineOf(node),
  }));
}
