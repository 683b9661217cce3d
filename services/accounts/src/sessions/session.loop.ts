import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { SessionService } from './session.service';

const EVERY_MS = 10 * 60_000;

/** Starts the loop that forgets from where sessions of long ago began. Every instance may run it. */
export const startSessionLoop = ({ sessions, log }: { sessions: SessionService; log: Logger }): WorkLoop =>
  startWorkLoop({ name: 'networks of sessions', idleMs: EVERY_MS, log, work: () => sessions.forgetNetworks() });
