import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as imports from './checks/imports.mjs';
import * as migrations from './checks/migrations.mjs';
import * as money from './checks/money.mjs';
import * as names from './checks/names.mjs';
import * as parameters from './checks/parameters.mjs';
import * as purity from './checks/purity.mjs';
import * as sql from './checks/sql.mjs';
import * as tests from './checks/tests.mjs';
import { readSource } from './source.mjs';
import { readWorkspace, ROOT } from './workspace.mjs';

const CHECKS = [imports, migrations, sql, money, purity, tests, names, parameters];

/** The names of the house's own rules. */
export const OWN_RULES = CHECKS.flatMap((checks) => checks.RULES);
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** @typedef {{ path: string, line: number, rule: string, message: string }} Problem */

function typescriptFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/\/(node_modules|dist)\//.test(path))
    .sort();
}

function ownProblems(files) {
  const workspace = readWorkspace();
  return files.flatMap((path) => {
    const source = readSource(path);
    return CHECKS.flatMap(({ check }) => check(source, workspace)).map((problem) => ({ path, ...problem }));
  });
}

function runOxlint(folder) {
  const args = [
    join(ROOT, 'node_modules/oxlint/bin/oxlint'),
    '-c',
    join(ROOT, '.oxlintrc.json'),
    '--type-aware',
    '-f',
    'json',
    '.',
  ];
  return new Promise((done, fail) => {
    execFile(process.execPath, args, { cwd: folder, maxBuffer: OUTPUT_BYTES_MAX }, (error, stdout, stderr) => {
      try {
        done(JSON.parse(stdout));
      } catch {
        fail(new Error(`oxlint gave no report: ${stderr || stdout || error?.message}`));
      }
    });
  });
}

async function oxlintProblems(folder) {
  const { diagnostics } = await runOxlint(folder);
  return diagnostics.map(({ filename, labels, code, message, help }) => ({
    path: resolve(folder, filename),
    line: labels[0]?.span.line ?? 1,
    rule: /\(([^)]+)\)/.exec(code ?? '')?.[1] ?? code ?? 'oxlint',
    message: help && code?.includes('no-restricted-imports') ? `${message} ${help}` : message,
  }));
}

/** Judges every TypeScript file below a folder: the rules of .oxlintrc.json, then the house's own. @returns {Promise<Problem[]>} */
export async function lintFolder(folder) {
  if (!existsSync(folder)) throw new Error(`there is no folder ${folder}`);
  const files = typescriptFiles(folder);
  // Without a file oxlint says so in words and not in its report.
  if (files.length === 0) return [];
  const theirs = oxlintProblems(folder);
  const ours = ownProblems(files);
  return [...(await theirs), ...ours].sort((a, b) => a.path.localeCompare(b.path) || a.line - b.line);
}
