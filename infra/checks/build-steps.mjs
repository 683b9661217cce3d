import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { parseDockerfile, substitute } from './dockerfile.mjs';

const run = promisify(execFile);
const STEP_TIMEOUT_MS = 10 * 60_000;

/**
 * @typedef {object} Built the folder of a finished stage
 * @property {string} root stands for the image's `/`
 * @property {string} workdir absolute in the image
 * @property {Record<string, string>} env what ENV has set
 * @property {string | undefined} user
 * @property {string[]} entrypoint
 * @property {string[]} command
 */

/**
 * Runs the steps of a Dockerfile as plain commands, each stage in an empty folder, where no engine is at hand. A stage
 * is made once for all images that share it. What it cannot show: that the base image exists, and what is in it.
 */
export class BuildSteps {
  /** @type {Map<string, Promise<Built>>} */
  #built = new Map();
  #stages;
  #settings;

  /** @param {{ dockerfile: string, context: string, workshop: string, say: (line: string) => void }} settings */
  constructor(settings) {
    this.#settings = settings;
    this.#stages = new Map(parseDockerfile(fs.readFileSync(settings.dockerfile, 'utf8')).map((s) => [s.name, s]));
  }

  /**
   * @param {string} target
   * @param {Record<string, string>} buildArgs
   * @returns {Promise<Built>}
   */
  build(target, buildArgs) {
    const stage = this.#stages.get(target);
    if (!stage) throw new Error(`the Dockerfile has no stage ${target}`);
    const key = this.#dependsOn(stage, 'ARG') ? `${target}-${Object.values(buildArgs)[0]}` : target;
    let built = this.#built.get(key);
    if (!built) this.#built.set(key, (built = this.#make(stage, { key, buildArgs })));
    return built;
  }

  /**
   * Whether a stage, or one that it builds on, uses an instruction.
   * @param {import('./dockerfile.mjs').Stage} stage
   * @param {string} name
   * @returns {boolean}
   */
  #dependsOn(stage, name) {
    const origins = [stage.from, ...stage.instructions.map(({ flags }) => flags['from'] ?? '')];
    return (
      stage.instructions.some((instruction) => instruction.name === name) ||
      origins.some((origin) => this.#stages.has(origin) && this.#dependsOn(this.#stageOf(origin), name))
    );
  }

  /** @param {string} name */
  #stageOf(name) {
    const stage = this.#stages.get(name);
    if (!stage) throw new Error(`the Dockerfile has no stage ${name}`);
    return stage;
  }

  /**
   * @param {import('./dockerfile.mjs').Stage} stage
   * @param {{ key: string, buildArgs: Record<string, string> }} options
   */
  async #make(stage, { key, buildArgs }) {
    const root = path.join(this.#settings.workshop, key);
    const base = this.#stages.has(stage.from) ? await this.build(stage.from, buildArgs) : undefined;
    fs.mkdirSync(path.dirname(root), { recursive: true });
    if (base) await run('cp', ['-al', base.root, root]);
    else fs.mkdirSync(root, { recursive: true });
    /** @type {Built} */
    const built = {
      workdir: '/', env: {}, user: undefined, entrypoint: [], command: [], ...base, root,
    };
    /** @type {Record<string, string>} */
    const values = {};
    for (const instruction of stage.instructions) await this.#step(instruction, { built, values, buildArgs, key });
    return built;
  }

  /**
   * @param {import('./dockerfile.mjs').Instruction} instruction
   * @param {{ built: Built, values: Record<string, string>, buildArgs: Record<string, string>, key: string }} state
   */
  async #step({ name, args, flags, line }, { built, values, buildArgs, key }) {
    const text = Array.isArray(args) ? args.join(' ') : substitute(args, { ...built.env, ...values });
    switch (name) {
      case 'ARG': {
        const [argument = '', fallback] = text.split('=');
        const value = buildArgs[argument] ?? fallback;
        if (value === undefined) throw new Error(`line ${line}: no value for ${argument}`);
        values[argument] = value;
        return;
      }
      case 'ENV':
        for (const [, variable = '', value = ''] of text.matchAll(/(\w+)=(\S+)/g)) built.env = { ...built.env, [variable]: value };
        return;
      case 'WORKDIR':
        built.workdir = path.posix.resolve(built.workdir, text);
        fs.mkdirSync(path.join(built.root, built.workdir), { recursive: true });
        return;
      case 'COPY':
        return this.#copy(text.split(/\s+/), { built, from: flags['from'], buildArgs });
      case 'RUN':
        this.#settings.say(`${key}: ${text}`);
        return this.#run(text, { built, values });
      case 'USER':
        built.user = text;
        return;
      case 'ENTRYPOINT':
        built.entrypoint = /** @type {string[]} */ (args);
        return;
      case 'CMD':
        built.command = /** @type {string[]} */ (args);
        return;
      case 'EXPOSE':
      case 'HEALTHCHECK':
        return;
      default:
        throw new Error(`line ${line}: ${name} is not understood`);
    }
  }

  /**
   * @param {string[]} paths
   * @param {{ built: Built, from: string | undefined, buildArgs: Record<string, string> }} options
   */
  async #copy(paths, { built, from, buildArgs }) {
    const source = from === undefined ? this.#settings.context : (await this.build(from, buildArgs)).root;
    // What a stage has made may be the same file in the next: whatever is copied over one takes its place, and does not write into it.
    const how = from === undefined ? '-a' : '-al';
    const to = path.join(built.root, path.posix.resolve(built.workdir, paths.at(-1) ?? '.'));
    for (const name of paths.slice(0, -1).flatMap((pattern) => namesOf(source, pattern))) {
      const entry = path.join(source, name);
      if (fs.statSync(entry).isDirectory()) {
        fs.mkdirSync(to, { recursive: true });
        await run('cp', [how, '--no-target-directory', '--remove-destination', entry, to]);
        continue;
      }
      const target = paths.at(-1)?.endsWith('/') ? path.join(to, path.basename(name)) : to;
      fs.mkdirSync(path.dirname(target), { recursive: true });
      await run('cp', [how, '--remove-destination', entry, target]);
    }
  }

  /**
   * @param {string} command
   * @param {{ built: Built, values: Record<string, string> }} state
   */
  async #run(command, { built, values }) {
    const prefix = path.join(built.root, 'global');
    const env = {
      ...Object.fromEntries(['HOME', 'LANG', 'http_proxy', 'https_proxy', 'NODE_EXTRA_CA_CERTS'].flatMap((name) =>
        process.env[name] ? [[name, process.env[name]]] : [])),
      ...registrySettings(),
      npm_config_prefix: prefix,
      PATH: `${path.join(prefix, 'bin')}:${process.env['PATH']}`,
      TURBO_TELEMETRY_DISABLED: '1',
      CI: 'true',
      ...built.env,
      ...values,
    };
    const cwd = path.join(built.root, built.workdir);
    await run('/bin/sh', ['-c', command], { cwd, env, timeout: STEP_TIMEOUT_MS, maxBuffer: 64 * 1_024 * 1_024 }).catch((error) => {
      throw new Error(`${command}\n${String(error.stdout).slice(-2_000)}\n${String(error.stderr).slice(-2_000)}`);
    });
  }
}

/**
 * The files that a name with a star stands for, at the top of a folder; any other name stands for itself.
 * @param {string} folder
 * @param {string} pattern
 */
function namesOf(folder, pattern) {
  if (!pattern.includes('*')) return [pattern];
  const [head = '', tail = ''] = pattern.split('*');
  const names = fs.readdirSync(folder).filter((name) => name.startsWith(head) && name.endsWith(tail));
  if (names.length === 0) throw new Error(`COPY ${pattern}: there is no such file`);
  return names;
}

/** How this machine reaches its registry, where that is said by the environment. */
function registrySettings() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => /^npm_config_(registry|cafile|cache)$/i.test(name)));
}
