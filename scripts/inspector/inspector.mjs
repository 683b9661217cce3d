import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** Where Node's inspector listens in a process that was sent SIGUSR1: one process at a time. */
const INSPECTOR = 'http://127.0.0.1:9229/json/list';
const PATIENCE_MS = 15_000;
const LOOK_MS = 20;

/** @typedef {Awaited<ReturnType<typeof open>>} Session */

/**
 * Opens the inspector of a Node process that was started without one, works with it, and has it closed again.
 * @template T
 * @param {number} pid
 * @param {(session: Session) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withInspectorOf(pid, work) {
  await untilClosed();
  process.kill(pid, 'SIGUSR1');
  const session = await open(await addressOf(pid));
  const found = await session.evaluate('process.pid');
  if (found !== pid) throw new Error(`the inspector at ${INSPECTOR} is that of process ${found}, not of ${pid}`);
  try {
    return await work(session);
  } finally {
    // The inspector ends after this session, and leaves the port to the next process.
    await session.evaluate('void setTimeout(() => process._debugEnd(), 50)');
    await session.close();
    await untilClosed();
  }
}

/** @param {number} pid */
async function addressOf(pid) {
  for (const end = performance.now() + PATIENCE_MS; ; await sleep(LOOK_MS)) {
    const list = await targets();
    if (list) return list[0].webSocketDebuggerUrl;
    if (performance.now() > end) throw new Error(`the inspector of process ${pid} did not open at ${INSPECTOR}`);
  }
}

async function untilClosed() {
  for (const end = performance.now() + PATIENCE_MS; await targets(); await sleep(LOOK_MS)) {
    if (performance.now() > end) throw new Error(`an inspector stays at ${INSPECTOR}: is another process being debugged?`);
  }
}

/** @returns {Promise<any[] | undefined>} undefined where nobody listens */
async function targets() {
  try {
    const response = await fetch(INSPECTOR, { headers: { connection: 'close' } });
    return /** @type {any[]} */ (await response.json());
  } catch {
    return undefined;
  }
}

/**
 * A session of the Chrome DevTools protocol: one question at a time.
 * @param {string} url
 */
async function open(url) {
  const socket = new WebSocket(url);
  await /** @type {Promise<void>} */ (new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject)));
  let sent = 0;
  /**
   * @param {string} method
   * @param {Record<string, unknown>} [params]
   * @returns {Promise<any>}
   */
  const ask = (method, params) => {
    const id = ++sent;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no answer to ${method}`)), PATIENCE_MS);
      socket.on('message', function answered(text) {
        const answer = JSON.parse(String(text));
        if (answer.id !== id) return;
        socket.off('message', answered);
        clearTimeout(late);
        if (answer.error) reject(new Error(`${method}: ${answer.error.message}`));
        else resolve(answer.result);
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
  };
  return {
    ask,
    evaluate: async (/** @type {string} */ expression) =>
      (await ask('Runtime.evaluate', { expression, returnByValue: true })).result.value,
    close: () => /** @type {Promise<void>} */ (new Promise((resolve) => {
      socket.once('close', () => resolve());
      socket.close();
    })),
  };
}
