'use strict';
// Loaded into the services of a stack that takes faults (TAEL_FAILPOINTS=true), before their programs: moves the wall clock
// of the process by as many milliseconds as CLOCK_FILE says, at any moment. The monotonic clock and timers go on as ever,
// as where an operator or a time server sets a machine's clock.
const fs = require('node:fs');

const EVERY_MS = 100;
const file = process.env.CLOCK_FILE;

function offset() {
  try {
    return Number(fs.readFileSync(file, 'utf8')) || 0;
  } catch {
    return 0;
  }
}

function move() {
  const Real = globalThis.Date;
  let ahead = offset();
  const now = () => Real.now() + ahead;
  const Moved = new Proxy(Real, {
    apply: () => new Real(now()).toString(),
    construct: (target, given, made) => Reflect.construct(target, given.length === 0 ? [now()] : given, made),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
  Real.prototype.constructor = Moved;
  globalThis.Date = Moved;
  setInterval(() => {
    ahead = offset();
  }, EVERY_MS).unref();
}

if (file && process.env.FAILPOINTS_ALLOWED === 'true') move();
