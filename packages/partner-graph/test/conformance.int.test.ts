import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type RequestListener } from 'node:http';
import { createServer as createNetServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Finding, tryPartnerSubgraph } from '../src';

const ROOT = join(__dirname, '..', '..', '..');
const BANK = join(ROOT, 'examples', 'partner-bank', 'subgraph', 'server.js');
const own = ['accounts', 'merchants', 'rewards', 'notifications'].map((name) => ({
  name, sdl: readFileSync(join(ROOT, 'services', name, 'schema.graphql'), 'utf8'),
}));
const ours = generateKeyPairSync('ed25519');

async function freePort(): Promise<number> {
  const server = createNetServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The example as a bank would run it: a process of its own that knows our public key. */
async function startBank(publicKey: KeyObject, publicUrl?: string): Promise<{ url: string; child: ChildProcess }> {
  const port = await freePort();
  const environment = {
    PATH: process.env['PATH'], PORT: String(port), TAEL_KEY_ID: 'k1', TAEL_PUBLIC_KEY: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    ...(publicUrl ? { PUBLIC_URL: publicUrl } : {}),
  };
  const child = spawn(process.execPath, [BANK], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  await Promise.race([once(child.stdout!, 'data'), once(child, 'exit').then(() => { throw new Error('the bank did not start'); })]);
  return { url: `http://127.0.0.1:${port}/graphql`, child };
}

async function tried(url: string, slug?: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of tryPartnerSubgraph({ url, slug, own, key: { id: 'k1', privateKey: ours.privateKey } })) findings.push(finding);
  return findings;
}

const problemsOf = (findings: readonly Finding[]) => findings.flatMap(({ problems }) => problems);

describe('the example of a bank', () => {
  let bank: Awaited<ReturnType<typeof startBank>>;
  beforeAll(async () => {
    bank = await startBank(ours.publicKey);
  });
  afterAll(async () => {
    bank.child.kill();
    await once(bank.child, 'exit');
  });

  it('passes every trial', async () => {
    const findings = await tried(bank.url);
    expect(problemsOf(findings)).toEqual([]);
    expect(findings).toHaveLength(8);
    expect(findings[1]!.title).toBe('Its names are made of nordbank, as Query.nordbank says');
  });

  it('passes them with its slug said, and is not told what it said', async () => {
    const findings = await tried(bank.url, 'nordbank');
    expect(problemsOf(findings)).toEqual([]);
    expect(findings).toHaveLength(7);
  });

  it('is not taken under another name', async () => {
    const [, schema] = await tried(bank.url, 'sudbank');
    expect(schema!.problems).toContainEqual(expect.stringMatching(/^ROOT_FIELD at Query\.nordbank/));
  });
});

describe('a bank that trusts another key', () => {
  it('tells nothing, and the trial ends there', async () => {
    const bank = await startBank(generateKeyPairSync('ed25519').publicKey);
    const findings = await tried(bank.url);
    bank.child.kill();
    expect(findings).toEqual([{ title: expect.any(String), problems: [expect.stringContaining('HTTP 401')] }]);
  });
});

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

// The example behind something that changes its good answers: what the gateway would not take, the kit must not call ready.
describe('a bank whose answers the gateway does not take', () => {
  let change: (question: string, answer: Answer) => void;
  let server: Server;
  let bank: Awaited<ReturnType<typeof startBank>>;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
        const question = Buffer.concat(parts);
        const signed = Object.fromEntries(Object.entries(request.headers).filter(([name]) => /^(?:content-(?:type|digest)|signature.*|tael-.*)$/.test(name)));
        void fetch(bank.url, { method: 'POST', headers: signed as Record<string, string>, body: question }).then(async (given) => {
          const answer = { status: given.status, headers: { 'content-type': 'application/json' }, body: Buffer.from(await given.arrayBuffer()) };
          if (given.status === 200) change(question.toString(), answer);
          response.writeHead(answer.status, answer.headers).end(answer.body);
        });
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    bank = await startBank(ours.publicKey, url);
  });
  afterAll(async () => {
    bank.child.kill();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const isRoot = (question: string): boolean => /^\{"query":"\{ ?nordbank/.test(question);
  const root = (body: unknown) => (question: string, answer: Answer): void => {
    if (isRoot(question)) answer.body = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  };

  test.each<[string, typeof change, string[]]>([
    ['as it is', () => undefined, []],
    ['as another kind of JSON', (_question, { headers }) => (headers['content-type'] = 'application/graphql-response+json; charset=utf-8'), []],
    ['that says it is not compressed', (_question, { headers }) => (headers['content-encoding'] = 'identity'), []],
    ['as a page', (_question, { headers }) => (headers['content-type'] = 'text/html'), ['text/html']],
    ['without a type', (_question, { headers }) => delete headers['content-type'], ['no content-type']],
    ['compressed, though nobody asked for that', (_question, answer) => {
      answer.headers['content-encoding'] = 'gzip';
      answer.body = gzipSync(answer.body);
    }, ['gzip']],
    ['with another good status', (_question, answer) => (answer.status = 203), ['HTTP 203']],
    ['by a null where it may be null', root({ data: { nordbank: null } }), []],
    ['by a null where none may be', root({ data: { nordbank: { name: null, offers: [] } } }), ['nordbank.name: Cannot return null']],
    ['by something that is no object', root({ data: { nordbank: 'a bank' } }), ['nordbank: no object']],
    ['by an error about its own field', root({ data: { nordbank: null }, errors: [{ message: 'away' }] }), ['errors']],
    ['by JSON that is no result', root('[]'), ['no result']],
    ['by nothing at all about its own field', (question, answer) => {
      if (isRoot(question)) answer.status = 404;
    }, ['HTTP 404']],
  ])('and answers %s: is told what is not taken', async (_name, given, expected) => {
    change = given;
    const problems = problemsOf(await tried(url));
    for (const text of expected) expect(problems).toContainEqual(expect.stringContaining(text));
    expect(problems.length > 0).toBe(expected.length > 0);
  });
});

describe('a bank that is careless', () => {
  let server: Server;
  async function serve(listener: RequestListener): Promise<string> {
    server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  }
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const sdl = readFileSync(join(ROOT, 'examples', 'partner-bank', 'subgraph', 'schema.graphql'), 'utf8');
  let asked = 0;
  /** Every eighth answer comes `delayMs` later. */
  const answering = (answer: (question: string) => [number, unknown], delayMs = 0): RequestListener => (request, response) => {
    let body = '';
    asked += 1;
    const late = asked % 8 === 0 ? delayMs : 0;
    request.on('data', (chunk: Buffer) => (body += chunk.toString())).on('end', () => {
      const [status, json] = body.includes('_service') ? [200, { data: { _service: { sdl } } }] : answer(body);
      setTimeout(() => response.writeHead(status as number, { 'content-type': 'application/json' }).end(JSON.stringify(json)), late);
    });
  };

  it('and answers everybody is told what it must refuse', async () => {
    const url = await serve(answering(() => [200, { data: { __typename: 'Query' } }]));
    const problems = problemsOf(await tried(url));
    for (const trial of ['without a signature', 'changed after it was signed', 'five minutes old', 'another key', 'a second time']) {
      expect(problems).toContainEqual(expect.stringMatching(new RegExp(`${trial}.* must be refused with 401`)));
    }
    expect(problems).toContainEqual(expect.stringMatching(/Wallet: one answer a reference was expected/));
    expect(problems).toContainEqual('a reference to a type that is not there must be an error');
  });

  it('and shows its stack is told so', async () => {
    const url = await serve(answering(() => [500, { errors: [{ message: 'boom', stack: 'Error\n    at ask (/srv/bank/server.js:10:3)' }] }]));
    const problems = problemsOf(await tried(url));
    expect(problems).toContainEqual(expect.stringContaining('tells of the inside'));
    expect(problems).toContainEqual(expect.stringContaining("an error of the caller's was expected"));
  });

  it('and slow is told how slow', async () => {
    const url = await serve(answering(() => [401, {}], 1_050));
    expect(problemsOf(await tried(url))).toContainEqual(expect.stringMatching(/^the slowest of 20 answers took 1\d{3} ms$/));
  });

  it('and away is told so', async () => {
    const url = await serve(answering(() => [200, {}]));
    server.close();
    server.closeAllConnections();
    const findings = await tried(url.replace(/:\d+/, ':1'));
    expect(problemsOf(findings)).toEqual([expect.stringContaining('no answer')]);
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
});
