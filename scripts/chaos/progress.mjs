import process from 'node:process';

const EVERY_MS = 1_000;
const PLAIN_EVERY_MS = 15_000;

/**
 * One line that says how far the run is: living on a terminal, elsewhere a line now and then.
 * @param {{ trial: any, goal: number }} run
 */
export function createProgress({ trial, goal }) {
  const out = process.stderr;
  const begun = performance.now();
  let doing = '';
  let check = 'no check yet';

  const draw = () => {
    const { journal } = trial.load;
    const seconds = (performance.now() - begun) / 1_000;
    const acknowledged = journal.acknowledged().length;
    const line = [
      `${trial.kills}/${goal} kills`,
      `${acknowledged} acknowledged`,
      `${journal.unknown().length} unknown`,
      `${(acknowledged / seconds).toFixed(1)}/s`,
      check,
      doing,
    ].join(' · ');
    out.write(out.isTTY ? `\r\x1b[2K${line.slice(0, (out.columns ?? 120) - 1)}` : `${line}\n`);
  };
  const timer = setInterval(draw, out.isTTY ? EVERY_MS : PLAIN_EVERY_MS);

  return {
    /** @param {string} text what happens now */
    doing(text) {
      doing = text;
    },
    /** @param {number} breaches */
    checked(breaches) {
      check = `checked at ${trial.kills}: ${breaches ? `${breaches} BROKEN` : 'sound'}`;
      draw();
    },
    end() {
      clearInterval(timer);
      draw();
      if (out.isTTY) out.write('\n');
    },
  };
}
