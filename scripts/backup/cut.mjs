/**
 * Which events stay in the topics after the books went back to a moment.
 *
 * The relay sends an event after its transaction was committed, and takes it out of the outbox after the broker has it. So an
 * event that was sent before the moment was committed before it: it stands in the books, and may be gone from the outbox: it is
 * kept. One that was sent later either stands in the restored outbox and is sent again, or tells of something that the books
 * do not know any more: both are left out. It takes one clock, and a moment in whole milliseconds, as the broker notes them.
 *
 * @typedef {object} Cut
 * @property {number} beforeMs messages sent before are kept
 * @property {number | undefined} unsureMs of the last of these milliseconds nobody can tell: a restore to the end of the log
 *   ends at a commit within it
 */

/**
 * @param {{ until: Date | undefined, lastCommit: Date | undefined, endedAt: Date }} moment lastCommit: of what was restored;
 *   endedAt: when the base backup ended
 * @returns {Cut}
 */
export function cutAt({ until, lastCommit, endedAt }) {
  if (until) return { beforeMs: until.getTime(), unsureMs: undefined };
  // Nothing was committed while the backup was made: it stands for all of that time.
  if (!lastCommit) return { beforeMs: endedAt.getTime(), unsureMs: undefined };
  return { beforeMs: lastCommit.getTime() + 1, unsureMs: lastCommit.getTime() };
}

/**
 * What becomes of a message.
 * @param {{ timestamp: string, headers: Record<string, string> }} message
 * @param {Cut} cut
 * @param {ReadonlySet<string>} waiting ids of the events that stand in the restored outboxes
 * @returns {'kept' | 'sent again' | 'undone'}
 */
export function fateOf({ timestamp, headers }, { beforeMs }, waiting) {
  if (Number(timestamp) < beforeMs) return 'kept';
  return waiting.has(headers.ce_id ?? '') ? 'sent again' : 'undone';
}

/**
 * Sessions that had been ended, and would live again: of whom, and why they ended.
 * @type {Readonly<Record<string, string>>}
 */
export const ENDS_SESSIONS = {
  'sessions.ended': 'ENDED_BY_OWNER',
  // A word that books of any age know.
  'sessions.ended-by-operator': 'ENDED_BY_OWNER',
  'password.changed': 'PASSWORD_CHANGED',
  'session.reuse-detected': 'REUSE',
};
