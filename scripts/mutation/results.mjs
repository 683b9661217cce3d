import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { ROOT } from '../stack/settings.mjs';
import { sumOf } from './score.mjs';
import { MUTATED, placeOf, rulesOf } from './workspaces.mjs';

/**
 * @typedef {import('./score.mjs').Score} Score
 * @typedef {Score & { file: string, date: string, commit: string }} FileScore
 * @typedef {Score & { note?: string, files: FileScore[] }} WorkspaceScore
 */

const RESULTS = path.join(ROOT, 'bench', 'results', 'mutation.json');

/** What is noted. @returns {Record<string, WorkspaceScore>} */
function noted() {
  return fs.existsSync(RESULTS) ? JSON.parse(fs.readFileSync(RESULTS, 'utf8')).workspaces : {};
}

/** @param {string[]} args */
const git = (...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();

/** The commit that a workspace was tried at, with a plus where its code has changed since. @param {string} folder */
function commitOf(folder) {
  return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', `${folder}/src`) ? '+' : ''}`;
}

/**
 * Puts a file's score beside what is known of the others; a file that is gone goes.
 * @param {Record<string, WorkspaceScore>} known
 * @param {string[]} files of rules, of all workspaces
 * @param {FileScore} [fresh]
 */
export function merge(known, files, fresh) {
  /** @type {Record<string, WorkspaceScore>} */
  const workspaces = {};
  for (const { folder } of MUTATED) {
    const before = known[folder]?.files.filter(({ file }) => file !== fresh?.file) ?? [];
    const now = fresh && placeOf(fresh.file).folder === folder ? [...before, fresh] : before;
    const kept = now.filter(({ file, mutants }) => files.includes(file) && mutants > 0);
    if (kept.length === 0) continue;
    const remark = known[folder]?.note;
    kept.sort((a, b) => (a.file < b.file ? -1 : 1));
    workspaces[folder] = { ...(remark ? { note: remark } : {}), ...sumOf(kept), files: kept };
  }
  return workspaces;
}

/** The scores of all workspaces, of the files that there are. */
export function knownScores() {
  return merge(noted(), MUTATED.flatMap(rulesOf));
}

/** Notes the score of a file. @param {string} file @param {Score} score */
export function note(file, score) {
  const fresh = { file, date: new Date().toISOString(), commit: commitOf(placeOf(file).folder), ...score };
  const machine = `${os.cpus().length} cores, ${os.cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  const workspaces = merge(noted(), MUTATED.flatMap(rulesOf), fresh);
  fs.writeFileSync(RESULTS, `${JSON.stringify({ bench: 'mutation', machine, workspaces }, null, 2)}\n`);
}
