import { readStackFile } from './stack';

export interface RunningService {
  readonly port: number;
  readonly pid: number;
  readonly env: Readonly<Record<string, string>>;
}

/** The services of the running stack, by name, from its stack.json. */
export function readServices(): Record<string, RunningService> {
  return (readStackFile() as unknown as { services: Record<string, RunningService> }).services;
}
