import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The root of the checkout: this file runs from its source and from dist. */
export const ROOT = (() => {
  const here = __dirname;
  return resolve(here, here.includes('/dist/') ? '../../../..' : '../../..');
})();

/** What a running stack says of itself: see scripts/stack/stack-files.mjs. */
export interface StackFile {
  readonly gatewayUrl: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly pids: Readonly<Record<string, number>>;
  readonly instances: Readonly<Record<string, readonly { readonly part: string; readonly port: number }[]>>;
  readonly databaseUrls: Readonly<Record<'accounts' | 'merchants' | 'rewards' | 'notifications' | 'sandbox', string>>;
  readonly adminDatabaseUrl: string;
  readonly eventBus: 'kafka' | 'postgres';
  readonly kafkaBrokers: string | null;
  readonly busDatabaseUrl: string;
}

export const readStackFile = (home: string): StackFile =>
  JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8')) as StackFile;

export interface Login {
  readonly email: string;
  readonly password: string;
}

/** The demo's operator, who activates merchants and campaigns. */
export function operatorLogin(home: string): Login {
  const demo = JSON.parse(readFileSync(join(home, 'demo.json'), 'utf8')) as { personas: Record<string, Login> };
  return demo.personas['operator']!;
}
