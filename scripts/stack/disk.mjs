import fs from 'node:fs';
import path from 'node:path';
import { Problem } from './problem.mjs';

const MEGABYTE = 1024 * 1024;

/** Dependencies, Kafka's jars, builds and the first data. */
const FIRST_START_MB = 1_500;
const LATER_START_MB = 300;

/**
 * Refuses to go on where the disk is too full for what a start writes.
 * @param {string} folder
 * @param {boolean} isFirst
 */
export function checkDisk(folder, isFirst) {
  const { bavail, bsize } = fs.statfsSync(existing(folder));
  const free = Math.floor((bavail * bsize) / MEGABYTE);
  const needed = isFirst ? FIRST_START_MB : LATER_START_MB;
  if (free >= needed) return;
  throw new Problem(
    `The disk of ${folder} has ${free} MB left; a start needs ${needed} MB.`,
    'Make room and start again.',
  );
}

/** @param {string} folder */
function existing(folder) {
  let at = folder;
  while (!fs.existsSync(at)) at = path.dirname(at);
  return at;
}
