import { PERSONAS } from './personas.mjs';
import { seconds } from './screen.mjs';

/**
 * What a person sees when all is up.
 * @param {object} facts
 * @param {import('./settings.mjs').Settings} facts.settings
 * @param {import('./bus.mjs').BusChoice} facts.bus
 * @param {number} facts.tookMs
 */
export function banner({ settings, bus, tookMs }) {
  const { ports, home, seed } = settings;
  const url = `http://localhost:${ports.gateway}/graphql`;
  const logins = Object.entries(PERSONAS).map(
    ([role, { email, password }]) => `    ${role.padEnd(9)} ${email}   ${password}`,
  );
  return [
    '',
    `  Tael is ready in ${seconds(tookMs)}`,
    '',
    `  Graph and GraphiQL   ${url}`,
    `  Mail and push sink   http://localhost:${ports.sandbox}/`,
    ...(settings.movableClock ? [`  Clock to be moved    http://localhost:${ports.sandbox}/clock`] : []),
    `  Events               ${bus.kind === 'kafka' ? 'Kafka' : 'Postgres bus'} (${bus.reason})`,
    `  Logs                 ${home}/logs`,
    ...(seed ? ['', '  Demo logins', ...logins, '', ...firstQueries()] : []),
    '',
    '  Ctrl-C stops everything; `npm start` continues with the same data, `npm start -- --fresh` begins anew.',
    '',
  ].join('\n');
}

function firstQueries() {
  const { email, password } = PERSONAS.customer;
  return [
    '  Paste into GraphiQL, first this:',
    `    mutation { signIn(input: { email: "${email}", password: "${password}" }) {`,
    '      session { accessToken } userErrors { code message } } }',
    '  then, with the header {"Authorization": "Bearer <accessToken>"}:',
    '    { viewer { displayName wallets { currency balance { available { amount } } }',
    '      transactions(first: 5) { edges { node { kind amount { amount currency } merchant { name } benefits { kind } } } } } }',
  ];
}
