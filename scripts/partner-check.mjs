#!/usr/bin/env node
// Tries a partner bank's subgraph as the gateway would use it: `npm run partner:check -- <address>`.
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { addressFinding } from './partner-check/address.mjs';
import { runCommand } from './stack/commands.mjs';
import { Problem, tellWhy } from './stack/problem.mjs';
import { ROOT } from './stack/settings.mjs';
import { readSubgraphs } from './subgraphs.mjs';

const KEY_ID = 'partner-check';

const HELP = `Tries a partner bank's subgraph as Tael would use it: npm run partner:check -- <address>

  <address>       where the subgraph answers, such as https://bank.example/graphql
  --slug <slug>   what your names are made of: nordbank for Query.nordbank and types that begin with Nordbank. Your schema
                  says it where its root field has its name, or where all its names begin alike; else it must be said
  --key <file>    the private key (Ed25519, PEM) that signs the requests; made there where it is missing.
                  .tael/partner-check.pem unless told
  --local         the subgraph is on this machine, for a stack on this machine: plain http on loopback will do, as it does there.
                  What Tael itself calls is https at a public address, port 443 or 8443
  --public-key    only prints the public key that your subgraph must trust, as ${KEY_ID}
  --sdl <file>    only checks a schema of this file against the policy; no address is needed

Exit status 0: all is as it must be; 1: something is not; 2: the command was called wrongly.
docs/partners/subgraph.md says what is tried, and why.
`;

/** @param {string} file */
function keyOf(file) {
  if (!fs.existsSync(file)) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const { privateKey } = generateKeyPairSync('ed25519');
    fs.writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }
  const privateKey = createPrivateKey(fs.readFileSync(file));
  if (privateKey.asymmetricKeyType !== 'ed25519')
    throw new Problem(`${file} is no Ed25519 key.`, 'Make one: openssl genpkey -algorithm ed25519');
  return privateKey;
}

const houseSchemas = () =>
  readSubgraphs().map(({ name }) => ({
    name,
    sdl: fs.readFileSync(path.join(ROOT, 'services', name, 'schema.graphql'), 'utf8'),
  }));

/** @param {{ title: string, problems: readonly string[] }} finding */
function show({ title, problems }) {
  process.stdout.write(
    `${problems.length === 0 ? '✓' : '✗'} ${title}\n${problems.map((text) => `    ${text}\n`).join('')}`,
  );
}

/** The packages are compiled where they have changed; on a fresh clone that takes some seconds. */
async function loadKit() {
  const turbo = path.join(ROOT, 'node_modules', '.bin', 'turbo');
  await runCommand(turbo, ['run', 'build', '--filter=@tael/partner-graph', '--filter=@tael/platform', '--output-logs=errors-only'], {
    title: 'The build',
    log: path.join(ROOT, '.tael', 'logs', 'partner-check-build.log'),
    cwd: ROOT,
  });
  return { ...(await import('@tael/partner-graph')), egress: await import('@tael/platform/egress') };
}

/**
 * What a schema is found to be, without a server.
 * @param {typeof import('@tael/partner-graph')} kit
 * @param {{ own: ReturnType<typeof houseSchemas>, slug: string | undefined, sdl: string }} given
 */
function* sdlFindings(kit, { own, slug: said, sdl }) {
  const { slug, finding } = kit.slugFinding(said, sdl);
  if (finding) yield finding;
  if (slug === undefined) return;
  const verdict = kit.checkPartnerSubgraph({ own, candidate: { slug, sdl } });
  yield { title: 'The schema keeps the policy, composes, and costs no more than it may', problems: verdict.ok ? [] : verdict.violations.map(kit.textOf) };
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      slug: { type: 'string' },
      key: { type: 'string', default: path.join(ROOT, '.tael', 'partner-check.pem') },
      'public-key': { type: 'boolean', default: false },
      sdl: { type: 'string' },
      local: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const privateKey = keyOf(values.key);
  if (values['public-key'])
    return void process.stdout.write(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }));
  const [url] = positionals;
  if (values.sdl === undefined && !URL.canParse(url ?? '')) {
    process.stderr.write(HELP);
    process.exitCode = 2;
    return;
  }
  const kit = await loadKit();
  const own = houseSchemas();
  let problems = 0;
  const take = (/** @type {{ title: string, problems: readonly string[] }} */ finding) => {
    show(finding);
    problems += finding.problems.length;
  };
  if (values.sdl !== undefined) {
    for (const finding of sdlFindings(kit, { own, slug: values.slug, sdl: fs.readFileSync(values.sdl, 'utf8') })) take(finding);
  } else {
    take(await addressFinding(String(url), { local: values.local, egress: kit.egress }));
    const options = { url: String(url), slug: values.slug, key: { id: KEY_ID, privateKey }, own };
    for await (const finding of kit.tryPartnerSubgraph(options)) take(finding);
  }
  process.stdout.write(
    problems === 0
      ? values.local ? 'The subgraph is ready for a stack on this machine. Where it is for Tael, try its public address, without --local.\n' : 'The subgraph is ready.\n'
      : `${problems === 1 ? 'One thing is' : `${problems} things are`} not as they must be.\n`,
  );
  process.exitCode = problems === 0 ? 0 : 1;
}

main().catch((error) => {
  tellWhy(error);
  process.exit(1);
});
