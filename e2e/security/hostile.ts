import { randomUUID } from 'node:crypto';

/** Stands in every hostile text of a run, to be found again. */
export const MARK = randomUUID().slice(0, 8);
/** Texts that do harm where they are taken for anything but text. */
export const HOSTILE: Readonly<Record<string, string>> = {
  'a forged line of the log': `x\r\n{"level":60,"msg":"forged-${MARK}"}\r\n`,
  'colours of a terminal': `x-${MARK}\u001b[31m\u001b]0;owned\u0007\u009b2J`,
  SQL: `${MARK}'; DROP TABLE person; -- ") UNION SELECT * FROM pg_shadow; $$`,
  'a template': `${MARK}{{constructor.constructor('return process')()}} \${7*7} <script>alert(1)</script> %s %n`,
  'a path, a NUL and half a surrogate': `../../etc/passwd ${MARK}\u0000\ud800`,
};
