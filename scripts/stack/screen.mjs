import process from 'node:process';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** @param {number} ms */
export const seconds = (ms) => `${(ms / 1_000).toFixed(1)} s`;

/**
 * @typedef {object} Screen
 * @property {<Result>(title: string, work: (say: (detail: string) => void) => Promise<Result>) => Promise<Result>} step
 *   shows one step while `work` runs; `say` tells how far it is, and the last thing said stays as the outcome
 * @property {(text: string) => void} note one line of its own
 */

/**
 * Shows steps: on a terminal as lines that live while the work runs, elsewhere as plain lines.
 * @param {NodeJS.WriteStream} [out]
 * @returns {Screen}
 */
export function createScreen(out = process.stdout) {
  return out.isTTY ? createLiveScreen(out) : createPlainScreen(out);
}

/**
 * @param {NodeJS.WriteStream} out
 * @returns {Screen}
 */
function createPlainScreen(out) {
  return {
    note: (text) => void out.write(`${text}\n`),
    async step(title, work) {
      const begun = performance.now();
      let outcome = '';
      const hurry = setTimeout(() => out.write(`… ${title}\n`), 1_000);
      try {
        const result = await work((detail) => {
          outcome = detail;
        });
        out.write(`✓ ${line(title, outcome, performance.now() - begun)}\n`);
        return result;
      } catch (error) {
        out.write(`✗ ${line(title, outcome, performance.now() - begun)}\n`);
        throw error;
      } finally {
        clearTimeout(hurry);
      }
    },
  };
}

/**
 * @param {NodeJS.WriteStream} out
 * @returns {Screen}
 */
function createLiveScreen(out) {
  /** @type {{ title: string, detail: string, begun: number }[]} */
  const active = [];
  let drawn = 0;
  let frame = 0;
  /** @type {NodeJS.Timeout | undefined} */
  let ticking;

  const clear = () => {
    if (drawn) out.write(`\x1b[${drawn}A\x1b[J`);
    drawn = 0;
  };
  const draw = () => {
    clear();
    const spinner = FRAMES[(frame += 1) % FRAMES.length];
    for (const step of active) {
      const text = `${spinner} ${line(step.title, step.detail, performance.now() - step.begun)}`;
      out.write(`\x1b[36m${text.slice(0, Math.max(20, (out.columns ?? 80) - 1))}\x1b[39m\n`);
    }
    drawn = active.length;
  };
  /** @param {string} text */
  const note = (text) => {
    clear();
    out.write(`${text}\n`);
    draw();
  };

  return {
    note,
    async step(title, work) {
      const step = { title, detail: '', begun: performance.now() };
      active.push(step);
      ticking ??= setInterval(draw, 80);
      let mark = '\x1b[31m✗\x1b[39m';
      try {
        const result = await work((detail) => {
          step.detail = detail;
        });
        mark = '\x1b[32m✓\x1b[39m';
        return result;
      } finally {
        active.splice(active.indexOf(step), 1);
        note(`${mark} ${line(title, step.detail, performance.now() - step.begun)}`);
        if (!active.length) {
          clearInterval(ticking);
          ticking = undefined;
        }
      }
    },
  };
}

/**
 * @param {string} title
 * @param {string} detail
 * @param {number} ms
 */
function line(title, detail, ms) {
  return `${title.padEnd(14)} ${seconds(ms).padStart(7)}  ${detail}`.trimEnd();
}
