import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { AuthorizationArtifactService } from './authorization-artifact.service';
import type { AuthorizationStateService } from './authorization-state.service';
import type { ConsentDialogService } from './consent-dialog.service';

const EVERY_MS = 60_000;

/** Starts the loop that removes what the authorization server keeps and whose time is over. Every instance may run it. */
export function startArtifactLoop(parts: {
  artifacts: AuthorizationArtifactService; states: AuthorizationStateService; dialogs: ConsentDialogService; log: Logger;
}): WorkLoop {
  const work = async () => (await parts.artifacts.sweep()) + (await parts.states.sweep()) + (await parts.dialogs.sweep());
  return startWorkLoop({ name: 'authorization artifacts', idleMs: EVERY_MS, log: parts.log, work });
}
