import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { home } from './stack';

export type ServiceName = 'gateway' | 'accounts' | 'merchants' | 'rewards' | 'notifications' | 'sandbox';

/** Addresses and settings of the running stack, for tools and not for clients. Read anew at each call: processes change. */
export function readStackFile(): {
  readonly ports: Readonly<Record<ServiceName | 'management', number>>;
  readonly instances: Readonly<Record<ServiceName, readonly { readonly part: string; readonly port: number }[]>>;
  readonly pids: Readonly<Record<ServiceName, number>>;
  readonly eventBus: 'kafka' | 'postgres';
  readonly kafkaBrokers?: string;
  readonly busDatabaseUrl: string;
  readonly adminDatabaseUrl: string;
  readonly databaseUrls: Readonly<Record<string, string>>;
} {
  return JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8'));
}
