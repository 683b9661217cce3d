export { measureClock } from './clock.metrics';
export { type DatabaseClock, startDatabaseClock } from './database-clock';
export { makeClockMovable, moveClock } from './movable-clock';
export { createSteadyClock, type SteadyClock } from './steady-clock';
