import { withInspectorOf } from './inspector.mjs';

const MIB = 2 ** 20;

/**
 * Collects all garbage of a Node process and gives what is left: its heap and the buffers outside of it, in MiB. Resident
 * memory says less: how much of it is garbage not yet collected is V8's affair.
 * @param {number} pid
 * @returns {Promise<number>}
 */
export function liveHeapOf(pid) {
  return withInspectorOf(pid, async (session) => {
    await session.ask('HeapProfiler.collectGarbage');
    const { heapUsed, external } = await session.evaluate('process.memoryUsage()');
    return (heapUsed + external) / MIB;
  });
}
