import { literalStart, memberName, nodesOf } from '../source.mjs';

export const RULES = ['sql-name', 'sql-bound'];

const NAMED = /^\s*\/\* [a-z][\w-]*(\.[\w-]+)+ \*\/\s/;
// Statements about a session or a schema, which run once and in which nothing is looked for.
const SESSION = /^\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|LISTEN|UNLISTEN|CREATE|ALTER|DROP)\b/;
const CONSTANT = /^[A-Z][A-Z0-9_]*$/;

// A fixed fragment of the code's own: a constant by its name, one of a table of constants, or arithmetic on constants.
function isFragment(node) {
  if (node.type === 'Identifier') return CONSTANT.test(node.value);
  if (node.type === 'NumericLiteral') return true;
  if (node.type === 'BinaryExpression') return isFragment(node.left) && isFragment(node.right);
  return node.type === 'MemberExpression' && isFragment(node.object);
}

// The statement of `.query('…')` and of `.query({ text: '…' })`.
function statementOf(call) {
  const first = call.arguments[0]?.expression;
  if (first?.type !== 'ObjectExpression') return first;
  return first.properties.find((property) => property.key?.value === 'text')?.value;
}

// Where a statement takes a value: after a comparison, in a list, in quotes. Elsewhere stands SQL of the code's own.
const VALUE_FOLLOWS = /(=|<|>|~|\|\||,|'|\b(I?LIKE|LIMIT|OFFSET|BETWEEN)|\b(IN|VALUES|ANY|ALL)\s*\()\s*$/i;

const hasUnboundValue = (statement) =>
  statement.type === 'TemplateLiteral' &&
  statement.expressions.some((value, n) => VALUE_FOLLOWS.test(statement.quasis[n].raw) && !isFragment(value));

/** Every hand-written statement begins with its name, so that it is found in pg_stat_activity, and binds its values. */
export function check(source) {
  if (source.isTest || /\/migrations\/|\.migration\.ts$/.test(source.path)) return [];
  const constants = new Map(nodesOf(source, 'VariableDeclarator').map((node) => [node.id.value, node.init]));
  const problems = [];
  for (const call of nodesOf(source, 'CallExpression').filter(({ callee }) => memberName(callee) === 'query')) {
    const given = statementOf(call);
    const statement = given?.type === 'Identifier' ? constants.get(given.value) : given;
    const text = literalStart(statement);
    if (text === undefined) continue;
    const line = source.lineOf(statement);
    if (!NAMED.test(text) && !SESSION.test(text)) {
      problems.push({
        rule: 'sql-name',
        message: 'a statement begins with its name: /* payments.lock */ SELECT …',
        line,
      });
    }
    if (hasUnboundValue(statement)) {
      problems.push({
        rule: 'sql-bound',
        message: 'a value in a statement is bound ($1); only a CONSTANT may stand there',
        line,
      });
    }
  }
  return problems;
}
