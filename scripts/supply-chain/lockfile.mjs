/**
 * @typedef {object} Entry of package-lock.json
 * @property {string} [name] where it is installed under another one
 * @property {string} [version]
 * @property {string} [resolved]
 * @property {string} [integrity]
 * @property {string} [license]
 * @property {boolean} [link] a workspace
 * @property {boolean} [dev] nothing at runtime needs it
 * @property {boolean} [hasInstallScript]
 *
 * @typedef {{ packages: Record<string, Entry> }} Lockfile
 */

/**
 * What was installed from a registry, with its name and its place.
 * @param {Lockfile} lockfile
 * @returns {{ place: string, name: string, entry: Entry }[]}
 */
export const installed = ({ packages }) =>
  Object.entries(packages)
    .filter(([place, { link }]) => !link && place.includes('node_modules/'))
    .map(([place, entry]) => ({ place, entry, name: place.slice(place.lastIndexOf('node_modules/') + 13) }));

/**
 * What a lockfile lets in that was not meant to come in: unproven content, other hosts, scripts that nobody allowed.
 * @param {Lockfile} lockfile
 * @param {Record<string, boolean>} allowScripts whether each package with a script of its own may run it
 * @returns {string[]}
 */
export function lockfileProblems(lockfile, allowScripts) {
  const entries = installed(lockfile);
  const hosts = new Set();
  const problems = entries.flatMap(({ place, name, entry: { integrity, resolved, hasInstallScript } }) => {
    const found = [];
    if (!/^sha512-/.test(integrity ?? '')) found.push(`${place} has no sha512 sum`);
    if (resolved && !resolved.startsWith('https://')) found.push(`${place} does not come over https`);
    else if (resolved) hosts.add(new URL(resolved).host);
    if (hasInstallScript && !(name in allowScripts))
      found.push(`${place} runs a script when it is installed, and allowScripts does not say whether it may`);
    return found;
  });
  if (hosts.size > 1) problems.push(`packages come from ${hosts.size} hosts: ${[...hosts].sort().join(', ')}`);
  const names = new Set(entries.map(({ name }) => name));
  for (const name of Object.keys(allowScripts))
    if (!names.has(name)) problems.push(`allowScripts names ${name}, which is not installed`);
  return entries.length ? problems : ['the lockfile has no packages'];
}
