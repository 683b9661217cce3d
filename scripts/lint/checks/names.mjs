import { relative } from 'node:path';
import { nodesOf } from '../source.mjs';
import { homeOf } from '../workspace.mjs';

export const RULES = ['name'];

const CLASS = /(Manager|Helpers?|Utils?|Base|Impl)$/;
const PATH = /(^|\/)(utils?|common|shared|core|helpers?|misc)(\/|\.ts$|\.[\w-]+\.ts$)/;
const FILE = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.ts$/;

/** Names say what a thing is: no catch-all folders, no class that is everybody's helper; files in kebab-case. */
export function check(source, workspace) {
  const problems = [];
  const path = relative(homeOf(source.path, workspace).folder, source.path);
  if (PATH.test(path))
    problems.push({ rule: 'name', message: `${path}: name the folder or file by what it is about`, line: 1 });
  if (!FILE.test(path.split('/').at(-1)))
    problems.push({ rule: 'name', message: `${path}: files are <noun>.<role>.ts in kebab-case`, line: 1 });
  for (const node of nodesOf(source, 'ClassDeclaration')) {
    if (!CLASS.test(node.identifier.value)) continue;
    problems.push({
      rule: 'name',
      message: `class ${node.identifier.value}: name it by what it answers for`,
      line: source.lineOf(node),
    });
  }
  return problems;
}
