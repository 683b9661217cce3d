import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { READ } from './licences.mjs';
import { installed } from './lockfile.mjs';

/** Where the SBOM lies, from the root: in a folder of builds, so that it is neither committed nor copied into an image by chance. */
export const SBOM_FILE = path.join('dist', 'sbom.cdx.json');

/** Where of our own lies that runs; the rest tests, measures or shows. */
const OURS = /^(services|infra|packages(?!\/testkit$))\//;

/**
 * @typedef {{ license?: { id?: string, name?: string }, expression?: string }} Licence
 * @typedef {{ 'bom-ref': string, name: string, version: string, purl: string, licenses?: Licence[] }} Component
 * @typedef {{ bomFormat: string, specVersion: string, serialNumber?: string, metadata: { timestamp?: string, component?: { 'bom-ref': string, name: string } },
 *   components: Component[], dependencies: { ref: string, dependsOn: string[] }[] }} Sbom
 */

/** @param {string} a @param {string} b */
const byCode = (a, b) => Number(a > b) - Number(a < b);

/**
 * What runs, as an SBOM names it: packages by the lockfile's word, and ours but for those that test, measure or show. npm's own `--omit=dev` leaves out
 * whatever the root needs for development, also where a service needs it to run.
 * @param {import('./lockfile.mjs').Lockfile} lockfile
 * @returns {(ref: string) => boolean}
 */
function runningOf(lockfile) {
  const theirs = installed(lockfile).filter(({ entry }) => !entry.dev).map(({ name, entry }) => `${entry.name ?? name}@${entry.version}`);
  const ours = Object.entries(lockfile.packages)
    .filter(([place, { dev }]) => OURS.test(place) && !dev)
    .map(([, { name, version }]) => `${name}@${version}`);
  const running = new Set([...theirs, ...ours]);
  return (ref) => running.has(ref);
}

/**
 * The same text for the same lockfile, wherever and whenever: what runs, without the number and the moment that npm gives each run, in an order of its
 * own, and with the licences that were read by hand.
 * @param {Sbom} made by npm
 * @param {import('./lockfile.mjs').Lockfile} lockfile
 * @returns {Sbom}
 */
export function steady({ serialNumber: _number, ...made }, lockfile) {
  const { timestamp: _moment, ...metadata } = made.metadata;
  const runs = runningOf(lockfile);
  const read = new Map(
    installed(lockfile).flatMap(({ place, name, entry }) => {
      const id = READ.get(`${place} ${entry.version}`);
      return id ? [[`${name}@${entry.version}`, id]] : [];
    }),
  );
  const components = made.components
    .filter((component) => runs(component['bom-ref']))
    .map((component) => {
      const ref = component['bom-ref'];
      const [id, name] = [read.get(ref), ref.slice(0, ref.lastIndexOf('@'))];
      return { ...component, name, ...(id && !component.licenses?.length ? { licenses: [{ license: { id } }] } : {}) };
    });
  const root = metadata.component?.['bom-ref'];
  // npm calls what is ours by the folder that it lies in.
  if (metadata.component) metadata.component = { ...metadata.component, name: String(lockfile.packages['']?.name) };
  const refs = new Set([...components.map((component) => component['bom-ref']), ...(root ? [root] : [])]);
  return {
    ...made,
    metadata,
    components: components.sort((a, b) => byCode(a['bom-ref'], b['bom-ref'])),
    dependencies: made.dependencies
      .filter(({ ref }) => refs.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)).sort(byCode) }))
      .sort((a, b) => byCode(a.ref, b.ref)),
  };
}

/**
 * What of the lockfile's runtime packages an SBOM does not name as they are: with their version and a licence.
 * @param {Sbom} sbom
 * @param {import('./lockfile.mjs').Lockfile} lockfile
 * @returns {string[]}
 */
export function sbomProblems(sbom, lockfile) {
  const named = new Map(sbom.components.map((component) => [`${component.name}@${component.version}`, component]));
  const runtime = installed(lockfile).filter(({ entry }) => !entry.dev);
  if (!runtime.length) return ['no runtime package was found'];
  return runtime.flatMap(({ place, name, entry }) => {
    // Under another name than its folder's where an alias was installed.
    const component = named.get(`${entry.name ?? name}@${entry.version}`);
    if (!component) return [`${place} ${entry.version} is not in the SBOM`];
    const [licence] = component.licenses ?? [];
    return licence?.license?.id ?? licence?.license?.name ?? licence?.expression ? [] : [`${place} has no licence in the SBOM`];
  });
}

/**
 * Writes what runs with the platform, as CycloneDX, made by npm of the lockfile alone: nothing needs to be installed or asked for.
 * @param {string} root
 * @param {import('./lockfile.mjs').Lockfile} lockfile
 * @returns {{ problems: string[], count: number }}
 */
export function writeSbom(root, lockfile) {
  const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only', '--offline'];
  const { stdout, stderr, status } = spawnSync('npm', args, { cwd: root, encoding: 'utf8', timeout: 120_000, maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) throw new Error(`npm made no SBOM: ${stderr}`);
  const sbom = steady(JSON.parse(stdout), lockfile);
  const problems = sbomProblems(sbom, lockfile);
  const file = path.join(root, SBOM_FILE);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  if (!problems.length) fs.writeFileSync(file, `${JSON.stringify(sbom, null, 2)}\n`);
  return { problems, count: sbom.components.length };
}
