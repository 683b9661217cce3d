import { readFileSync, rmSync, writeSync } from 'node:fs';
import type { Logger } from '../log';
import { type ArmedFailpoint, type FailpointName, parseFailpoint } from './points';

/** The settings of a process that its failpoints depend on: see serviceEnv. */
export interface FailpointSettings {
  /** Armed from the start. */
  readonly FAILPOINT?: ArmedFailpoint | undefined;
  /** A file with another, or with `off`: read and removed at the start and at each SIGUSR2, so that it acts once. */
  readonly FAILPOINT_FILE?: string | undefined;
}

const STDERR = 2;

let armed: ArmedFailpoint | undefined;
let passes = 0;

/**
 * A named point at which a test may stop this process. Where none is armed it costs one comparison.
 */
export function failpoint(name: FailpointName): void {
  if (armed === undefined || armed.name !== name) return;
  passes += 1;
  if (passes === armed.nth) act(armed);
}

/** Arms what the settings ask for. Without such settings nothing is read and no signal is listened for. */
export function armFailpoints(settings: FailpointSettings, log: Logger): void {
  if (settings.FAILPOINT) arm(settings.FAILPOINT);
  const file = settings.FAILPOINT_FILE;
  if (file === undefined) return;
  const read = (): void => {
    const text = takeFile(file);
    if (text === undefined) return;
    try {
      arm(text.trim() === 'off' ? undefined : parseFailpoint(text));
      log.warn({ failpoint: text.trim() }, 'the failpoint is set');
    } catch (error) {
      log.error({ error }, 'the failpoint file cannot be used');
    }
  };
  process.on('SIGUSR2', read);
  read();
}

function arm(point: ArmedFailpoint | undefined): void {
  armed = point;
  passes = 0;
}

function takeFile(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    rmSync(file);
    return text;
  } catch {
    return undefined;
  }
}

/** The process itself is what stops: no line of it runs between the point and its end. */
function act({ name, action }: ArmedFailpoint): void {
  armed = undefined;
  writeSync(STDERR, `${JSON.stringify({ failpoint: name, action, pid: process.pid })}\n`);
  if (action === 'exit') process.exit(86);
  process.kill(process.pid, action === 'kill' ? 'SIGKILL' : 'SIGSTOP');
}
