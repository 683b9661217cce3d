import path from 'node:path';
import process from 'node:process';
import { ensureCampaigns } from './seed/campaigns.mjs';
import { againWhereBusy, caller } from './seed/graph.mjs';
import { hasHistory, makeHistory } from './seed/history.mjs';
import { ensurePerson, isOperator, signIn } from './seed/people.mjs';
import { ensureShops } from './seed/shops.mjs';
import { runCommand } from './stack/commands.mjs';
import { PERSONAS } from './stack/personas.mjs';
import { entryOf, environmentOf } from './stack/services.mjs';

/**
 * Brings the demo people, merchants, campaigns and some history into a stack that runs: through the public door, but for
 * the operator's role, which no door gives. Looks before it creates, so that it may run at every start.
 * @param {import('./stack/services.mjs').Wiring} wiring
 * @param {{ say: (detail: string) => void, signal: AbortSignal }} options
 */
export function seed(wiring, { say, signal }) {
  return againWhereBusy(() => seedOnce(wiring, { say, signal }), { signal });
}

/**
 * @param {import('./stack/services.mjs').Wiring} wiring
 * @param {{ say: (detail: string) => void, signal: AbortSignal }} options
 */
async function seedOnce(wiring, { say, signal }) {
  const url = `http://127.0.0.1:${wiring.settings.ports.gateway}/graphql`;
  const customerToken = await signIn(url, 'customer', signal);
  const secondOperator = await signIn(url, 'supervisor', signal);
  if (customerToken && secondOperator && isOperator(secondOperator) && (await hasHistory(caller(url, { token: customerToken, signal })))) return say('all there');

  say('people');
  const operator = caller(url, { token: await ensureOperator(wiring, 'operator', { url, signal }), signal });
  await ensureOperator(wiring, 'supervisor', { url, signal });
  const merchant = caller(url, { token: await ensurePerson(url, 'merchant', signal), signal });
  const customer = caller(url, { token: await ensurePerson(url, 'customer', signal), signal });
  say('merchants');
  const shops = await ensureShops({ merchant, operator });
  say('campaigns');
  await ensureCampaigns(operator, Object.values(shops));
  say('history');
  const rewarded = await makeHistory({ customer, merchant, shops });
  say(
    `4 people, ${Object.keys(shops).length} merchants, 2 campaigns${rewarded ? '' : '; cashback is still under way'}`,
  );
}

/**
 * @param {import('./stack/services.mjs').Wiring} wiring
 * @param {'operator' | 'supervisor'} name what wants two persons wants two of them
 * @param {{ url: string, signal: AbortSignal }} options
 * @returns {Promise<string>} an operator's token
 */
async function ensureOperator(wiring, name, { url, signal }) {
  const token = await ensurePerson(url, name, signal);
  if (isOperator(token)) return token;
  await runCommand(process.execPath, [entryOf('accounts', 'operators'), 'grant', PERSONAS[name].email, '--reason', 'The demo', '--by', 'npm start'], {
    title: `Giving the demo ${name} the role`,
    log: path.join(wiring.settings.home, 'logs', 'operators.log'),
    signal,
    env: environmentOf('accounts', wiring),
  });
  return ensurePerson(url, name, signal);
}
