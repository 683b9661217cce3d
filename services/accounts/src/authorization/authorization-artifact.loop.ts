import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { AuthorizationArtifactService } from './authorization-artifact.service';

const EVERY_MS = 60_000;

/** Starts the loop that removes used ids whose time is over. Every instance may run it. */
export function startArtifactLoop(parts: { artifacts: AuthorizationArtifactService; log: Logger }): WorkLoop {
  return startWorkLoop({ name: 'authorization artifacts', idleMs: EVERY_MS, log: parts.log, work: () => parts.artifacts.sweep() });
}
