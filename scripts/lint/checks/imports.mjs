import { isBuiltin } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { nodesOf } from '../source.mjs';
import { homeOf } from '../workspace.mjs';

export const RULES = [
  'import-leaves-package',
  'import-of-service',
  'import-deep',
  'import-of-testkit',
  'import-between-packages',
  'import-undeclared',
];

// What each package may import of ours; an absent one may import none.
const ROOMS = { emvco: ['money'], events: ['money'], graphql: ['money', 'platform'], 'partner-graph': ['http-signature'] };

/** What a file imports, each with its line, as `{ specifier, node }`: import, export from, import(), require(). */
function importsOf(source) {
  const declared = nodesOf(source, 'ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration')
    .filter((node) => node.source)
    .map((node) => ({ specifier: node.source.value, node }));
  const called = nodesOf(source, 'CallExpression')
    .filter(({ callee }) => callee.type === 'Import' || (callee.type === 'Identifier' && callee.value === 'require'))
    .filter((node) => node.arguments[0]?.expression.type === 'StringLiteral')
    .map((node) => ({ specifier: node.arguments[0].expression.value, node }));
  return [...declared, ...called];
}

const nameOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

function judgeRelative(specifier, source, home) {
  const target = resolve(dirname(source.path), specifier);
  if (!relative(home.folder, target).startsWith('..')) return undefined;
  return ['import-leaves-package', `${specifier} leaves ${home.name || 'the package'}: import a package by its name`];
}

function judgeOurs(specifier, { source, home, workspace }) {
  const name = nameOf(specifier);
  if (workspace.services.has(name)) {
    return ['import-of-service', `${name} is a service: only the graph or an event crosses`];
  }
  const open = workspace.packages.get(name);
  if (open && !open.has(specifier)) return ['import-deep', `${specifier} is the inside of ${name}`];
  if (name === '@tael/testkit' && !source.isTest) return ['import-of-testkit', 'the testkit is for tests'];
  const rooms = ROOMS[home.name] ?? [];
  if (
    home.kind === 'package' &&
    !source.isTest &&
    name !== `@tael/${home.name}` &&
    !rooms.includes(name.slice('@tael/'.length))
  ) {
    return ['import-between-packages', `packages/${home.name} may not import ${name}`];
  }
  return undefined;
}

function judgeDeclared(specifier, { source, home, node }) {
  const name = nameOf(specifier);
  const { dependencies = {} } = home.manifest ?? {};
  if (!home.manifest || isBuiltin(specifier) || name === home.manifest.name || name in dependencies) return undefined;
  // Types vanish when the code is built, and where they are missing the compiler says so.
  if (source.isTest || node.typeOnly) return undefined;
  return ['import-undeclared', `${name} is no dependency in the package.json of ${home.name || 'this workspace'}`];
}

/** Imports keep to the rooms: no service imports another, no path leaves its package or reaches into another's inside. */
export function check(source, workspace) {
  const home = homeOf(source.path, workspace);
  return importsOf(source).flatMap(({ specifier, node }) => {
    const at = { source, home, workspace, node };
    const found = specifier.startsWith('.')
      ? [judgeRelative(specifier, source, home)]
      : [specifier.startsWith('@tael/') ? judgeOurs(specifier, at) : undefined, judgeDeclared(specifier, at)];
    return found.filter(Boolean).map(([rule, message]) => ({ rule, message, line: source.lineOf(node) }));
  });
}
