import { residentMiB } from './processes.mjs';

const EVERY_MS = 500;
/** Collectors of garbage let it breathe by so much; what a file leaves behind would be many times that. */
const BREATH = 1.15;

/**
 * Watches how much memory parts of a stack have, while a file goes through them.
 * @param {number} root the process that started the stack
 * @param {string[]} names
 */
export function watchMemory(root, names) {
  const samples = Object.fromEntries(names.map((name) => [name, /** @type {number[]} */ ([])]));
  const sampler = setInterval(() => names.forEach((name) => samples[name].push(residentMiB(root, name))), EVERY_MS);
  return {
    /**
     * Ends it. Gives of each the most, that of each quarter of the time, and whether it is flat: the last quarter has hardly more than the second,
     * when every program has come to its size.
     */
    end() {
      clearInterval(sampler);
      return Object.fromEntries(names.map((name) => {
        const list = samples[name];
        const size = Math.ceil(list.length / 4);
        const quarters = [0, 1, 2, 3].map((n) => Math.max(0, ...list.slice(n * size, (n + 1) * size)));
        return [name, { most: Math.max(0, ...list), quarters, isFlat: quarters[3] > 0 && quarters[3] <= quarters[1] * BREATH }];
      }));
    },
  };
}
