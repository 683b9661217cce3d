import fs from 'node:fs';
import process from 'node:process';
import { Problem } from './problem.mjs';
import { createScreen } from './screen.mjs';
import { HELP, readSettings } from './settings.mjs';
import { Stack } from './stack.mjs';

/**
 * `npm start`: runs everything until it is told to stop, or cannot go on.
 * @param {string[]} argv
 */
export async function main(argv) {
  // A terminal that was closed takes no more text; that is no reason to leave parts running.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const status = await run(argv).catch((error) => {
    explain(error);
    return 1;
  });
  process.exit(status);
}

/**
 * @param {string[]} argv
 * @returns {Promise<number>} the exit status
 */
async function run(argv) {
  const settings = readSettings(argv, process.env);
  if (settings.help) {
    process.stdout.write(HELP);
    return 0;
  }
  fs.mkdirSync(settings.home, { recursive: true });
  const screen = createScreen();
  const stack = new Stack(settings, screen);
  let status = 0;
  let ended = false;
  const end = new Promise((resolve) => {
    onSignals((signal, isFirst) => {
      if (!isFirst) process.exit(stack.killAll());
      screen.note(`\n${signal}: stopping`);
      ended = true;
      stack.interrupt();
      resolve(undefined);
    });
    stack.onGiveUp = (problem) => {
      explain(problem);
      status = 1;
      resolve(undefined);
    };
  });
  try {
    await stack.up();
    await end;
  } catch (error) {
    // What an interruption breaks off fails; that is no news.
    if (!ended && status === 0) explain(error);
    if (!ended) status = 1;
  }
  await stack.down();
  screen.note(status === 0 ? 'Everything is stopped.' : 'Stopped after an error.');
  return status;
}

/** @param {(signal: string, isFirst: boolean) => void} listener */
function onSignals(listener) {
  let signals = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      signals += 1;
      listener(signal, signals === 1);
    });
  }
  onOrphaned(() => {
    signals += 1;
    listener('npm is gone', signals === 1);
  });
}

const PARENT_CHECK_MS = 1_000;

/**
 * Under `npm start` a signal may end npm, or the shell between it and this process, alone: then nobody is left to stop the
 * parts. Whoever runs the script without npm may go away on purpose.
 * @param {() => void} listener
 */
function onOrphaned(listener) {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    listener();
  }, PARENT_CHECK_MS);
  timer.unref();
}

/** @param {unknown} error */
function explain(error) {
  if (!(error instanceof Problem)) {
    process.stderr.write(`\n${error instanceof Error ? error.stack : error}\n`);
    return;
  }
  process.stderr.write(`\n${error.message}\n${error.advice ? `${error.advice}\n` : ''}`);
}
