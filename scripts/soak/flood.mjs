import { setTimeout as sleep } from 'node:timers/promises';
import { workedOff } from '../../bench/load/backlog.mjs';
import { load } from '../../bench/load/client.mjs';
import { look, merchantIds, newPayers, pay } from '../../bench/load/people.mjs';
import { compare } from './phases.mjs';
import { liveOf, sampleOf } from './sampler.mjs';

/** More than a gateway works on: somebody is refused at every moment. */
const CALLERS = 240;
/** What a gateway works on at once, as on a machine that is shared with everything else: see e2e/faults/extremes.test.ts. */
export const FLOOD_RUNNING_MAX = 100;
const PEOPLE = 48;
const SAMPLE_MS = 1_000;
/** A caller that was refused comes again this soon: it does not listen to when it should. */
const IMPATIENCE_MS = 25;
/** How long a phase's events and mails may take: on a machine that is shared, those of minutes. */
const REST_MAX_MS = 600_000;
/** How long people may take to sign up after a phase. */
const CALM_MS = 30_000;
/** A container has 768 (infra/kubernetes): a fifth of it stays free. */
const RSS_MAX_MIB = 600;

const REFUSED = new Set(['SERVICE_BUSY', 'RATE_LIMITED', 'SUBGRAPH_UNAVAILABLE', 'SERVICE_UNAVAILABLE']);

/**
 * Sends the next request of a caller, and counts what came of it.
 * @param {() => Promise<unknown>} send
 * @param {{ done: number, refused: Record<string, number>, faults: string[] }} tally
 */
async function count(send, tally) {
  try {
    await send();
    tally.done += 1;
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    const code = /"code":"([A-Z_]+)"/.exec(message)?.[1] ?? '';
    if (REFUSED.has(code)) tally.refused[code] = (tally.refused[code] ?? 0) + 1;
    else tally.faults.push(message.slice(0, 300));
    await sleep(IMPATIENCE_MS);
  }
}

/**
 * People who can pay, once the flood before has run off: who signs up in the middle of it is refused like everybody else.
 * @param {string} url
 */
async function payersOf(url) {
  for (const end = performance.now() + CALM_MS; ; await sleep(500)) {
    try {
      const payers = await newPayers(url, PEOPLE);
      return { payers, shops: await merchantIds(url, payers[0]) };
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
}

/**
 * Brings a stack to its limits again and again, and compares what its processes hold late with what they held early. Each time it is let
 * rest first until all events and mails are worked off: what waits or is being worked on is in memory, too, and is no leak. How much
 * that may be has bounds of its own; what it was shows in the resident memory while the flood lasted.
 * @param {{ settings: any, demo: any }} stack
 * @param {{ seconds: number, phases: number, say: (text: string) => void }} options `seconds` of flood, without the rests
 */
export async function floodFor({ settings, demo }, { seconds, phases, say }) {
  const restSeconds = [];
  const tally = { done: 0, refused: /** @type {Record<string, number>} */ ({}), faults: /** @type {string[]} */ ([]) };
  /** @type {Record<string, import('./phases.mjs').Phase[]>} */
  const seen = {};
  for (let phase = 1; phase <= phases; phase += 1) {
    const { payers, shops } = await payersOf(demo.gatewayUrl);
    /** @type {Record<string, number>} */
    const most = {};
    const sampling = setInterval(() => {
      for (const [part, { rssMiB }] of Object.entries(sampleOf(settings)))
        most[part] = Math.max(most[part] ?? 0, rssMiB);
    }, SAMPLE_MS);
    const headersOf = (/** @type {any} */ payer) => payer.headers;
    const ask = (/** @type {number} */ caller) => {
      const payer = payers[caller % payers.length];
      return count(() => (caller % 4 ? look(demo.gatewayUrl, payer) : pay(demo.gatewayUrl, payer, { shops, headersOf })), tally);
    };
    let rested;
    try {
      await load(ask, { callers: CALLERS, seconds: seconds / phases, warmUpSeconds: 0 });
      rested = await workedOff(settings.databaseUrls, REST_MAX_MS);
    } finally {
      clearInterval(sampling);
    }
    restSeconds.push(rested);
    for (const [part, { liveMiB }] of Object.entries(await liveOf(settings))) {
      (seen[part] ??= []).push({ rssMiB: most[part] ?? 0, liveMiB });
    }
    const line = Object.entries(seen).map(
      ([part, all]) => `${part} ${Math.round(most[part] ?? 0)}M ${Math.round(all.at(-1)?.liveMiB ?? 0)}M alive`,
    );
    say(`phase ${phase} of ${phases}: ${tally.done} done, ${JSON.stringify(tally.refused)}, at rest after ${rested} s  ${line.join('  ')}`);
  }
  const parts = Object.fromEntries(Object.entries(seen).map(([part, all]) => [part, compare(all, RSS_MAX_MIB)]));
  return { ...tally, restSeconds, parts };
}
