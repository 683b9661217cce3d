import { createLogger } from '../log';
import { createShutdown } from './index';

const log = createLogger({ service: 'test', level: 'silent' });

describe('shutdown', () => {
  it('stops the parts one after the other, last added first', async () => {
    const shutdown = createShutdown({ log, signals: false });
    const events: string[] = [];
    for (const name of ['database', 'bus', 'server']) {
      shutdown.add(name, async () => {
        events.push(`${name} stops`);
        await new Promise((resolve) => setImmediate(resolve));
        events.push(`${name} stopped`);
      });
    }
    await shutdown.stop();
    expect(events).toEqual([
      'server stops', 'server stopped', 'bus stops', 'bus stopped', 'database stops', 'database stopped',
    ]);
  });

  it('goes on where a part throws or rejects, and never rejects itself', async () => {
    const shutdown = createShutdown({ log, signals: false });
    const stopped: string[] = [];
    shutdown.add('first', () => void stopped.push('first'));
    shutdown.add('rejects', () => Promise.reject(new Error('no')));
    shutdown.add('throws', () => {
      throw new Error('no');
    });
    await expect(shutdown.stop()).resolves.toBeUndefined();
    expect(stopped).toEqual(['first']);
  });

  it('stops each part once, however often it is asked', async () => {
    const shutdown = createShutdown({ log, signals: false });
    const stop = jest.fn();
    shutdown.add('part', stop);
    await Promise.all([shutdown.stop(), shutdown.stop()]);
    await shutdown.stop();
    expect(stop).toHaveBeenCalledTimes(1);
  });

  describe('on a signal', () => {
    const listeners = { SIGTERM: process.listeners('SIGTERM'), SIGINT: process.listeners('SIGINT') };
    afterEach(() => {
      jest.restoreAllMocks();
      jest.useRealTimers();
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        process.removeAllListeners(signal);
        listeners[signal].forEach((listener) => process.on(signal, listener as NodeJS.SignalsListener));
      }
    });

    it('stops and exits with 0; a second signal exits at once with 1', async () => {
      const exit = jest.spyOn(process, 'exit').mockImplementation((() => undefined) as () => never);
      const shutdown = createShutdown({ log });
      let finish: () => void = () => undefined;
      shutdown.add('slow', () => new Promise<void>((resolve) => (finish = resolve)));
      process.emit('SIGTERM');
      expect(exit).not.toHaveBeenCalled();
      process.emit('SIGINT');
      expect(exit).toHaveBeenLastCalledWith(1);
      finish();
      await shutdown.stop();
      await Promise.resolve();
      expect(exit).toHaveBeenLastCalledWith(0);
    });

    it('exits with 1 where a part does not end in time', () => {
      jest.useFakeTimers();
      const exit = jest.spyOn(process, 'exit').mockImplementation((() => undefined) as () => never);
      const shutdown = createShutdown({ log, timeoutMs: 1_000 });
      shutdown.add('never', () => new Promise(() => undefined));
      process.emit('SIGTERM');
      jest.advanceTimersByTime(999);
      expect(exit).not.toHaveBeenCalled();
      jest.advanceTimersByTime(1);
      expect(exit).toHaveBeenCalledWith(1);
    });
  });
});
