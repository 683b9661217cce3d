import process from 'node:process';

/** A reason why something cannot go on that its reader can do something about: shown as text, without a stack. */
export class Problem extends Error {
  /**
   * @param {string} message what is wrong
   * @param {string} [advice] what to do about it
   */
  constructor(message, advice) {
    super(message);
    this.name = 'Problem';
    this.advice = advice;
  }
}

/**
 * Writes why a command ends: a problem as its text and advice, anything else with its stack.
 * @param {unknown} error
 */
export function tellWhy(error) {
  const text = error instanceof Problem ? `${error.message}\n${error.advice ?? ''}` : /** @type {Error} */ (error)?.stack;
  process.stderr.write(`${text}\n`);
}
