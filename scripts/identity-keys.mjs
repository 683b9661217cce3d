// Prints what each service has of the gateway's ring of identity keys (docs/runbooks/key-rotation.md): node scripts/identity-keys.mjs < ring
import fs from 'node:fs';
import process from 'node:process';
import { identityKeysFor } from './keys/identity-keys.mjs';
import { readSubgraphs } from './subgraphs.mjs';

const ring = fs.readFileSync(0, 'utf8').trim();
if (!/^[a-z0-9-]{1,32}:[A-Za-z0-9+/]{43}=(,[a-z0-9-]{1,32}:[A-Za-z0-9+/]{43}=)*$/.test(ring)) {
  process.stderr.write('The ring comes in on standard input: id:key pairs, separated by commas, each key 32 bytes in base64.\n');
  process.exit(1);
}
for (const { name } of readSubgraphs()) process.stdout.write(`${name} IDENTITY_KEYS=${identityKeysFor(ring, name)}\n`);
