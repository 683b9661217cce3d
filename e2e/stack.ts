import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** What the running stack says of itself in demo.json. */
export interface Stack {
  readonly gatewayUrl: string;
  readonly sandboxUrl: string;
  /** Where banks sign in with a certificate, and the one that is shown there. */
  readonly partnerTls: { readonly url: string; readonly certificate: string };
  readonly eventBus: 'kafka' | 'postgres';
  readonly personas: { readonly operator: Credentials; readonly supervisor: Credentials; readonly customer: Credentials; readonly merchant: Credentials };
}

/** The folder of the stack under test: the one that scripts/test.mjs started, else that of `npm start`. */
export const home = resolve(process.env['TAEL_E2E_HOME'] ?? join(__dirname, '..', '.tael'));

function readJson(name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(home, name), 'utf8'));
  } catch (error) {
    throw new Error(`no running stack in ${home}: run \`npm start\` first, or \`npm test\``, { cause: error });
  }
}

export const stack = readJson('demo.json') as Stack;
