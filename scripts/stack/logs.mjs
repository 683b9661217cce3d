import fs from 'node:fs';
import path from 'node:path';

const TAIL_BYTES = 16_384;

/**
 * Opens the log of a part anew and keeps the one of the start before.
 * @param {string} file
 */
export function rotate(file) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  if (fs.existsSync(file)) fs.renameSync(file, `${file}.1`);
}

/**
 * The last lines of a log, for a person who must see why a part does not run.
 * @param {string} file
 * @param {number} [count]
 * @returns {string[]}
 */
export function lastLines(file, count = 15) {
  if (!fs.existsSync(file)) return [];
  const size = fs.statSync(file).size;
  const length = Math.min(size, TAIL_BYTES);
  const handle = fs.openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(length);
    fs.readSync(handle, bytes, 0, length, size - length);
    return bytes.toString('utf8').trimEnd().split('\n').slice(-count);
  } finally {
    fs.closeSync(handle);
  }
}
