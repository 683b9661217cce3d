// Lints one workspace: node scripts/lint.mjs <folder>. Prints every problem as path:line and exits with 1 where there is one.
import { relative, resolve } from 'node:path';
import { lintFolder } from './lint/lint-folder.mjs';

const folder = resolve(process.argv[2] ?? '.');
const problems = await lintFolder(folder);
for (const { path, line, rule, message } of problems) {
  process.stdout.write(`${relative(process.cwd(), path)}:${line}  ${rule}  ${message}\n`);
}
process.stdout.write(problems.length ? `${problems.length} problems\n` : 'no problems\n');
process.exitCode = problems.length ? 1 : 0;
