#!/usr/bin/env node
// Makes a service with a subgraph of its own, wired into everything; or takes one out again.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { namesOf, refuseTaken } from './new-subgraph/names.mjs';
import { filesOf, renderTemplate } from './new-subgraph/template.mjs';
import { unwire, wire } from './new-subgraph/wiring.mjs';
import { runCommand } from './stack/commands.mjs';
import { turbo } from './stack/install.mjs';
import { Problem } from './stack/problem.mjs';
import { createScreen, seconds } from './stack/screen.mjs';
import { ROOT } from './stack/settings.mjs';
import { readSubgraphs } from './subgraphs.mjs';

const HELP = `Makes a subgraph: npm run new-subgraph <name> [-- <options>]

  <name>              the service, in the plural: vouchers, loyalty-cards
  --entity <Name>     its entity, where that is not the singular of the name
  --remove            takes the subgraph out again; what you changed in it is refused without --force
  --help              this text

It makes services/<name> with an entity, its rule, its table, a consumer and tests for all of them, builds it, composes it
into the graph, and gives it a port and a database in the stack that npm start runs.
`;

const LOGS = path.join(ROOT, '.tael', 'logs');
const folderOf = (/** @type {string} */ name) => path.join(ROOT, 'services', name);

/** The exact versions that the house has of the packages of a service. */
function versions() {
  const { dependencies } = JSON.parse(fs.readFileSync(path.join(folderOf('merchants'), 'package.json'), 'utf8'));
  return dependencies;
}

/** @param {import('./new-subgraph/names.mjs').Names} names */
async function checkFree(names) {
  const { apiSchema } = await import('./compose/composition.mjs');
  const api = apiSchema(fs.readFileSync(path.join(ROOT, 'supergraph.graphql'), 'utf8'));
  const roots = [api.getQueryType(), api.getMutationType()];
  refuseTaken(names, {
    services: fs.readdirSync(path.join(ROOT, 'services')),
    types: Object.keys(api.getTypeMap()),
    fields: roots.flatMap((type) => Object.keys(type?.getFields() ?? {})),
  });
}

/** @param {import('./new-subgraph/names.mjs').Names} names */
async function writeFiles(names) {
  const files = await renderTemplate(names, versions());
  for (const [file, text] of files) {
    const target = path.join(folderOf(names.name), file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text);
  }
  return files.size;
}

/**
 * @param {string} title
 * @param {string[]} args
 */
const runNode = (title, args) =>
  runCommand(process.execPath, args, { title, log: path.join(LOGS, 'new-subgraph.log'), cwd: ROOT });

const compose = () => runNode('Composing the graph', [path.join(ROOT, 'scripts', 'compose.mjs')]);

/**
 * @param {import('./new-subgraph/names.mjs').Names} names
 * @param {import('./stack/screen.mjs').Screen} screen
 */
async function make(names, screen) {
  const { name } = names;
  await checkFree(names);
  try {
    await screen.step('Sources', async (say) => say(`${await writeFiles(names)} files in services/${name}`));
    const offset = await screen.step('Wiring', async (say) => {
      const given = wire(name);
      say('subgraphs.json, turbo.json, package-lock.json');
      return given;
    });
    await screen.step('Build', async (say) => {
      const log = path.join(LOGS, 'new-subgraph.log');
      await turbo(['run', 'build', `--filter=@tael/${name}`], { title: 'The build', log });
      say('schema.graphql is emitted');
    });
    await screen.step('Graph', async (say) => {
      await compose();
      say('supergraph.graphql has it');
    });
    return offset;
  } catch (error) {
    // Half a subgraph would break every later build.
    screen.note('It did not work; everything is taken back.');
    await takeOut(name);
    throw error;
  }
}

/** @param {string} name */
async function takeOut(name) {
  unwire(name);
  fs.rmSync(folderOf(name), { recursive: true, force: true });
  // Without a commit there is no graph that clients could know, and the composition would compare with the one just made.
  if (git('rev-parse', 'HEAD') === '') fs.rmSync(path.join(ROOT, 'supergraph.graphql'), { force: true });
  await compose();
}

/** @param {string[]} args of git; nothing where it fails */
function git(...args) {
  try {
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}

/** @param {import('./new-subgraph/names.mjs').Names} names */
async function changedFiles(names) {
  const made = await renderTemplate(names, versions());
  const folder = folderOf(names.name);
  return filesOf(folder).filter((file) => made.get(file) !== fs.readFileSync(path.join(folder, file), 'utf8'));
}

const isCommitted = (/** @type {string} */ name) => git('ls-tree', '--name-only', 'HEAD', `services/${name}/`) !== '';

/**
 * The entity of a service that was made here, by the file of its table.
 * @param {string} name
 */
function entityOf(name) {
  const rules = filesOf(folderOf(name)).flatMap((file) => /([^/\\]+)\.entity\.ts$/.exec(file)?.[1] ?? []);
  const pascal = rules[0]?.replace(/(^|-)([a-z0-9])/g, (_all, _dash, letter) => letter.toUpperCase());
  if (rules.length !== 1 || !pascal)
    throw new Problem(`services/${name} has grown beyond its one entity.`, 'Remove it by --force.');
  return pascal;
}

/**
 * @param {string} name
 * @param {boolean} force
 * @param {import('./stack/screen.mjs').Screen} screen
 */
async function remove(name, force, screen) {
  if (!readSubgraphs().some((known) => known.name === name)) throw new Problem(`There is no subgraph ${name}.`);
  if (['accounts', 'merchants', 'rewards', 'notifications'].includes(name)) {
    throw new Problem(`${name} is a part of the platform, and others need it.`);
  }
  if (!force) {
    const changed = await changedFiles(namesOf(name, entityOf(name)));
    if (changed.length) {
      const list = changed.map((file) => `  services/${name}/${file}`).join('\n');
      throw new Problem(`These files are not as they were made:\n${list}`, 'With --force they go too.');
    }
  }
  if (isCommitted(name)) {
    screen.note(
      `! services/${name} was committed: its fields may have clients, and compose asks you to declare their end.`,
    );
  }
  await screen.step('Remove', async (say) => {
    await takeOut(name);
    say('sources, wiring and graph');
  });
}

/**
 * @param {import('./new-subgraph/names.mjs').Names} names
 * @param {number} offset
 */
const nextSteps = ({ name, entities, entity, Entity, entityFile, entitiesFolder }, offset) => `
  services/${name} is in the graph. It listens ${offset} above the public port, with the database ${`tael_${name.replaceAll('-', '_')}`}.

  npm start                                  runs it with the rest; a stack that runs already is started anew
    { ${entities} { edges { node { id label origin } } } }
    mutation { create${Entity}(input: { label: "First" }) { ${entity} { id } userErrors { code message } } }
  npm test -- --filter @tael/${name}${' '.repeat(Math.max(1, 14 - name.length))} its tests

  Go on from here: the rule in src/${entitiesFolder}/${entityFile}.domain.ts, then its table, type and service.
  Before npm test is green again it asks who may see the new fields, and what of the new consumer is looked at after a fault:
    their lines in supergraph.ownership.json   npm run ownership:check names each
    its group in e2e/faults/engine/groups.ts   '${name}', with the topics that src/events reads
  npm run new-subgraph ${name} -- --remove takes it out again.
`;

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      entity: { type: 'string' },
      remove: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const begun = performance.now();
  const screen = createScreen();
  const names = namesOf(positionals[0], values.entity);
  if (values.remove) {
    await remove(names.name, values.force, screen);
    screen.note(`${names.name} is gone; its database, where it had one, stays until npm start -- --fresh.`);
    return;
  }
  const offset = await make(names, screen);
  screen.note(`${nextSteps(names, offset)}\n  Done in ${seconds(performance.now() - begun)}`);
}

main().catch((error) => {
  if (!(error instanceof Problem)) throw error;
  process.stderr.write(`\n${error.message}\n${error.advice ? `${error.advice}\n` : ''}`);
  process.exitCode = 1;
});
