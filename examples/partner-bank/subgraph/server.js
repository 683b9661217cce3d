// The bank's subgraph: PORT, PUBLIC_URL (the address that Tael was told), TAEL_KEY_ID and TAEL_PUBLIC_KEY (PEM), SLUG.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { GraphQLError, graphql, parse, validate } from 'graphql';
import { isFromTael, Nonces } from './signature.js';

const { PORT = '4100', TAEL_KEY_ID = 'tael', TAEL_PUBLIC_KEY = '', SLUG = 'nordbank' } = process.env;
const TYPE = SLUG[0].toUpperCase() + SLUG.slice(1);
const PUBLIC_URL = process.env.PUBLIC_URL ?? `http://127.0.0.1:${PORT}/graphql`;
const BODY_MAX = 256 * 1024;

const offers = [
  { id: 'home', name: 'Home', yearlyRate: '3.10' },
  { id: 'car', name: 'Car', yearlyRate: '4.90' },
];
// By the reference of a wallet: { limit, currency, customer }. The bank has both names from `customer { subject wallets { reference } }`, which a person let it
// read (docs/partners/consent.md); a real bank asks its own systems.
const creditLines = new Map(Object.entries(JSON.parse(process.env.CREDIT_LINES ?? '{}')));

const sdl = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8')
  .replaceAll('nordbank', SLUG)
  .replaceAll('Nordbank', TYPE);

const schema = buildSubgraphSchema([
  {
    typeDefs: parse(sdl),
    resolvers: {
      Query: { [SLUG]: () => ({ name: 'Nordbank', offers: ({ first }) => offers.slice(0, first) }) },
      Wallet: {
        __resolveReference: ({ id }) => (creditLines.has(id) ? { id } : null),
        // For the customer alone: somebody else who may see the wallet, one of Tael's operators, is told nothing of it.
        [`${SLUG}CreditLine`]: ({ id }, _, { subject }) => (creditLines.get(id).customer === subject ? creditLines.get(id) : null),
      },
    },
  },
]);

const trust = {
  keyId: TAEL_KEY_ID,
  publicKey: createPublicKey(TAEL_PUBLIC_KEY.replaceAll('\\n', '\n')),
  nonces: new Nonces(),
};

async function bodyOf(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > BODY_MAX) throw new Error('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const refused = (message) => ({ errors: [{ message }] });

async function answer(request, response) {
  if (request.method !== 'POST') return send(response, 405, refused('POST only.'));
  const body = await bodyOf(request);
  if (!(await isFromTael({ url: PUBLIC_URL, headers: request.headers, body }, trust)))
    return send(response, 401, refused('Not signed by Tael.'));
  let question;
  try {
    question = JSON.parse(body);
    const errors = validate(schema, parse(question.query, { maxTokens: 2_000 }));
    if (errors.length > 0) return send(response, 400, { errors: errors.map(({ message }) => ({ message })) });
  } catch (error) {
    return send(response, 400, refused(error instanceof GraphQLError ? error.message : 'The body is no JSON.'));
  }
  const { data, errors } = await graphql({ schema, source: question.query, variableValues: question.variables, contextValue: { subject: request.headers['tael-subject'] } });
  if (!data) return send(response, 400, refused('The question cannot be answered.'));
  // What went wrong inside is for the bank's own log.
  for (const error of errors ?? []) process.stderr.write(`${error.stack}\n`);
  return send(
    response,
    200,
    errors ? { data, errors: errors.map(({ path }) => ({ message: 'Something went wrong.', path })) } : { data },
  );
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => {
    if (!response.headersSent) send(response, 500, refused('Something went wrong.'));
  });
});
server.listen(Number(PORT), '127.0.0.1', () => process.stdout.write(`the bank answers at ${PUBLIC_URL}\n`));
