import { memberName, nodesOf } from '../source.mjs';
import { homeOf } from '../workspace.mjs';

export const RULES = ['money-float'];

const MONEY = /amount|minor|money|balance|\bfees?\b|total|budget|price|cashback/i;
const CONVERSIONS = new Set(['Number', 'parseInt']);
const ROUNDINGS = new Set(['round', 'floor', 'ceil', 'trunc', 'fround']);

function judge(call, source) {
  const { callee } = call;
  const given = call.arguments.map((argument) => source.textOf(argument.expression)).join(', ');
  const name = callee.type === 'Identifier' ? callee.value : memberName(callee);
  if (name === 'parseFloat') return 'parseFloat makes a float';
  if (name === 'toFixed' || name === 'toPrecision') return `${name} rounds a float: packages/money writes amounts`;
  if (CONVERSIONS.has(name) && MONEY.test(given)) return `${name}(${given}): an amount stays a bigint`;
  const onMath =
    callee.type === 'MemberExpression' && callee.object.type === 'Identifier' && callee.object.value === 'Math';
  if (onMath && ROUNDINGS.has(name) && MONEY.test(given)) return `Math.${name}: packages/money rounds amounts`;
  return undefined;
}

// The gateway knows no amounts; packages/money is where their arithmetic lives.
const EXEMPT = new Set(['gateway', 'money']);

/** Money is a bigint of minor units everywhere: nothing turns it into a float, not for a moment. */
export function check(source, workspace) {
  if (source.isTest || EXEMPT.has(homeOf(source.path, workspace).name)) return [];
  const calls = nodesOf(source, 'CallExpression').map((node) => ({ node, message: judge(node, source) }));
  const signs = nodesOf(source, 'UnaryExpression')
    .filter((node) => node.operator === '+' && MONEY.test(source.textOf(node.argument)))
    .map((node) => ({ node, message: `${source.textOf(node)}: an amount stays a bigint` }));
  return [...calls, ...signs]
    .filter(({ message }) => message)
    .map(({ node, message }) => ({ rule: 'money-float', message, line: source.lineOf(node) }));
}
