import { withInspectorOf } from './inspector.mjs';

/** Fine enough for a share of a percent of some seconds, and little enough not to be seen in what is measured. */
const INTERVAL_US = 500;

/**
 * @typedef {{ functionName: string, url: string, lineNumber: number }} CallFrame
 * @typedef {{ id: number, callFrame: CallFrame, children?: number[] }} ProfileNode
 * @typedef {{ nodes: ProfileNode[], samples: number[], timeDeltas: number[], startTime: number, endTime: number }} CpuProfile
 */

/**
 * Has V8 write down, twice a millisecond, where a Node process is while `work` lasts. What it gives is what a `.cpuprofile` holds.
 * @template T
 * @param {number} pid
 * @param {() => Promise<T>} work
 * @returns {Promise<{ profile: CpuProfile, result: T }>}
 */
export function cpuProfileOf(pid, work) {
  return withInspectorOf(pid, async (session) => {
    await session.ask('Profiler.enable');
    await session.ask('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    await session.ask('Profiler.start');
    const result = await work();
    const { profile } = await session.ask('Profiler.stop');
    return { profile, result };
  });
}
