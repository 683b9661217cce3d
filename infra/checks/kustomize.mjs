import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MODULE = 'sigs.k8s.io/kustomize/kustomize/v5@v5.7.1';
const OWN = fileURLToPath(new URL('../../.tael/linters/bin', import.meta.url));

/** @type {Promise<{ command: string, args: string[] }> | undefined} */
let program;

/**
 * Renders a folder of Kustomize, as `kubectl apply -k` would before it sends it.
 * @param {string} folder
 * @returns {Promise<string>} the manifests
 */
export async function render(folder) {
  const { command, args } = await (program ??= findProgram());
  const { stdout } = await run(command, [...args, folder], { timeout: 60_000, maxBuffer: 16 * 1_024 * 1_024 });
  return stdout;
}

/** kubectl or kustomize of this machine; else kustomize is built once from its Go module. */
async function findProgram() {
  const candidates = [
    { command: path.join(OWN, 'kustomize'), args: ['build'], version: ['version'] },
    { command: 'kustomize', args: ['build'], version: ['version'] },
    { command: 'kubectl', args: ['kustomize'], version: ['version', '--client'] },
  ];
  for (const { command, args, version } of candidates) {
    if (await answers(command, version)) return { command, args };
  }
  fs.mkdirSync(OWN, { recursive: true });
  await run('go', ['install', MODULE], { env: { ...process.env, GOBIN: OWN }, timeout: 600_000 });
  return { command: path.join(OWN, 'kustomize'), args: ['build'] };
}

/**
 * @param {string} command
 * @param {string[]} args
 */
const answers = (command, args) =>
  run(command, args, { timeout: 20_000 }).then(
    () => true,
    () => false,
  );
