import type { Identity } from '@tael/platform/identity';
import { v7 as uuidv7 } from 'uuid';
import { type Bank, bankIdentity, call, newBank, SCOPES } from './partner-world';
import { nobody, operator, somebody, startSubject, type Subject } from './support';

// Each publication is composed with all that is live, in a thread of its own.
jest.setTimeout(180_000);
let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('partner_subgraphs');
});
afterAll(() => subject.stop());

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
const SHOWN = 'subgraph { id slug address version status reason problems { code coordinate reason } }';
let made = 0;

/** A slug that no other test has, nor begins like one. */
const newSlug = (): string => `${String.fromCharCode(97 + Math.floor(made / 26) % 26)}${String.fromCharCode(97 + (made++ % 26))}bank`;

const sdlOf = (slug: string, change = ''): string => `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { ${slug}: ${capital(slug)}Bank }
  type ${capital(slug)}Bank { name: String! ${change} }
  type Wallet @key(fields: "id") { id: ID! ${slug}Score: Int }
`;
const ADDRESS = 'https://bank.example/graphql';

interface Publisher extends Bank {
  readonly slug: string;
}

async function newPublisher(): Promise<Publisher> {
  const bank = await newBank(subject);
  return { ...bank, as: bankIdentity(bank.partnerId, bank.clientId, [...SCOPES, 'subgraph:publish']), slug: newSlug() };
}

async function mutate(as: Identity, name: string, input: object): Promise<any> {
  const problems = name === 'publishSubgraph' || name === 'approveSubgraph' ? 'problems { code coordinate reason }' : '';
  const answer = await subject.ask(as, `mutation ($input: ${capital(name)}Input!) { ${name}(input: $input) { ${SHOWN} ${problems} userErrors { code field } } }`, { input });
  expect(answer.errors).toBeUndefined();
  return answer.data[name];
}

const publish = (bank: Publisher, change: object = {}): Promise<any> =>
  mutate(bank.as, 'publishSubgraph', { slug: bank.slug, address: ADDRESS, sdl: sdlOf(bank.slug), ...change });
const decide = (step: 'approve' | 'reject' | 'suspend', id: string): Promise<any> => mutate(operator(), `${step}Subgraph`, { id, reason: `to ${step}` });

async function live(bank: Publisher): Promise<string> {
  const { subgraph } = await publish(bank);
  const approved = await decide('approve', subgraph.id);
  expect(approved).toMatchObject({ subgraph: { status: 'LIVE' }, problems: [], userErrors: [] });
  return subgraph.id;
}

const told = async (known = ''): Promise<any> => (await subject.get(`/.well-known/partner-subgraphs?known=${known}`)).body;
const slugs = async (): Promise<string[]> => (await told()).subgraphs.map(({ slug }: { slug: string }) => slug);

async function own(bank: Publisher): Promise<any[]> {
  const answer = await subject.ask(bank.as, '{ partner { subgraphs { id version status problems { code } reason } } }');
  expect(answer.errors).toBeUndefined();
  return answer.data.partner.subgraphs;
}

describe('what a bank publishes', () => {
  it('is checked and waits; nothing is live before an operator says so', async () => {
    const bank = await newPublisher();
    expect(await publish(bank)).toEqual({
      subgraph: { id: expect.any(String), slug: bank.slug, address: ADDRESS, version: 1, status: 'PUBLISHED', reason: null, problems: [] }, problems: [], userErrors: [],
    });
    expect(await slugs()).not.toContain(bank.slug);
  });

  it('is told everything that speaks against it, and kept with that', async () => {
    const bank = await newPublisher();
    const sdl = sdlOf(bank.slug).replace(`${bank.slug}Score: Int`, 'score: Int! balance: Money').replace(`${bank.slug}:`, 'viewer:');
    const { subgraph, problems, userErrors } = await publish(bank, { sdl });
    expect(problems).toEqual(expect.arrayContaining([
      { code: 'ROOT_FIELD', coordinate: 'Query.viewer', reason: expect.any(String) },
      { code: 'FIELD_NAME', coordinate: 'Wallet.score', reason: expect.any(String) },
      { code: 'FIELD_NOT_NULLABLE', coordinate: 'Wallet.score', reason: expect.any(String) },
    ]));
    expect([subgraph.status, subgraph.problems, userErrors]).toEqual(['REFUSED', problems, [{ code: 'INVALID_INPUT', field: ['input', 'sdl'] }]]);
    expect((await decide('approve', subgraph.id)).userErrors).toEqual([{ code: 'NOT_ALLOWED', field: ['input', 'id'] }]);
  });

  it.each([
    ['a schema that is too large', (bank: Publisher) => ({ sdl: sdlOf(bank.slug) + '#'.repeat(65_536) }), 'SDL_TOO_LARGE'],
    ['a slug that is none', () => ({ slug: 'No-Slug' }), 'SLUG'],
    ['a schema with a NUL', (bank: Publisher) => ({ sdl: `${sdlOf(bank.slug)}\0` }), 'SYNTAX'],
  ])('with %s is told so and not kept', async (_name, change, code) => {
    const bank = await newPublisher();
    const { subgraph, problems } = await publish(bank, change(bank));
    expect([subgraph, problems[0].code, await own(bank)]).toEqual([null, code, []]);
  });

  it.each(['http://bank.example/graphql', 'https://10.0.0.7/graphql', 'https://localhost/graphql', 'https://user:pass@bank.example/', 'https://bank.example:22/', 'ftp://bank.example', 'none'])(
    'at %s is refused', async (address) => {
      const bank = await newPublisher();
      expect((await publish(bank, { address })).userErrors).toEqual([{ code: 'INVALID_INPUT', field: ['input', 'address'] }]);
    },
  );

  it('takes the place of what waited before, and not of what is live', async () => {
    const bank = await newPublisher();
    const first = await live(bank);
    await publish(bank);
    await publish(bank);
    expect((await own(bank)).map(({ version, status }) => [version, status])).toEqual([[3, 'PUBLISHED'], [2, 'REPLACED'], [1, 'LIVE']]);
    expect((await told()).subgraphs.find(({ id }: { id: string }) => id === first)).toBeTruthy();
  });

  it('must not break what clients ask of the one that is live', async () => {
    const bank = await newPublisher();
    await live(bank);
    const { problems } = await publish(bank, { sdl: sdlOf(bank.slug).replace(`${bank.slug}Score: Int`, `${bank.slug}Other: Int`) });
    expect(problems.map(({ code }: { code: string }) => code)).toEqual(['BREAKING_CHANGE']);
  });

  it('needs the scope, and a bank', async () => {
    const bank = await newPublisher();
    const query = 'mutation ($input: PublishSubgraphInput!) { publishSubgraph(input: $input) { userErrors { code } } }';
    const input = { slug: bank.slug, address: ADDRESS, sdl: sdlOf(bank.slug) };
    for (const as of [bankIdentity(bank.partnerId, bank.clientId), operator(), somebody(), nobody]) {
      expect((await subject.ask(as, query, { input })).errors).toHaveLength(1);
    }
    expect(await own(bank)).toEqual([]);
  });

  it('is so much a day', async () => {
    const bank = await newPublisher();
    await publish(bank);
    await subject.dataSource.query(
      `/* test.many */ INSERT INTO partner_subgraph (id, "partnerId", slug, address, sdl, version, status, problems, "publishedAt", "checkedAt")
       SELECT gen_random_uuid(), $1, $2, '', '', v, 'REFUSED', '[]', now(), now() FROM generate_series(2, 50) v`, [bank.partnerId, bank.slug],
    );
    expect((await publish(bank)).userErrors).toEqual([{ code: 'LIMIT_EXCEEDED', field: ['input', 'sdl'] }]);
  });
});

describe('what an operator decides', () => {
  it('comes into the list of gateways, with another version; who knows it is told nothing again', async () => {
    const bank = await newPublisher();
    const before = (await told()).version;
    const id = await live(bank);
    const now = await told(before);
    expect(now.version).not.toBe(before);
    expect(now.subgraphs).toContainEqual({ id, partnerId: bank.partnerId, slug: bank.slug, address: ADDRESS, sdl: sdlOf(bank.slug), former: null });
    expect(await told(now.version)).toEqual({ version: now.version, subgraphs: null });
  });

  it('takes it out and in again, and the bank reads why', async () => {
    const bank = await newPublisher();
    const id = await live(bank);
    expect((await decide('suspend', id)).subgraph).toMatchObject({ status: 'SUSPENDED', reason: 'to suspend' });
    expect(await slugs()).not.toContain(bank.slug);
    expect((await own(bank))[0]).toMatchObject({ status: 'SUSPENDED', reason: 'to suspend' });
    expect((await decide('approve', id)).subgraph.status).toBe('LIVE');
    expect(await slugs()).toContain(bank.slug);
  });

  it('a rejected one does not come back, and a bank withdraws its own alone', async () => {
    const [bank, other] = [await newPublisher(), await newPublisher()];
    const { subgraph } = await publish(bank);
    expect((await decide('reject', subgraph.id)).subgraph.status).toBe('REJECTED');
    expect((await decide('approve', subgraph.id)).userErrors).toEqual([{ code: 'NOT_ALLOWED', field: ['input', 'id'] }]);
    const id = await live(bank);
    expect((await mutate(other.as, 'withdrawSubgraph', { id })).userErrors).toEqual([{ code: 'NOT_FOUND', field: ['input', 'id'] }]);
    expect(await slugs()).toContain(bank.slug);
    expect((await mutate(bank.as, 'withdrawSubgraph', { id })).subgraph.status).toBe('WITHDRAWN');
    expect((await mutate(bank.as, 'withdrawSubgraph', { id })).subgraph.status).toBe('WITHDRAWN');
    expect(await slugs()).not.toContain(bank.slug);
  });

  it('leaves with a suspended bank, and no approval brings it in', async () => {
    const bank = await newPublisher();
    await live(bank);
    const { subgraph } = await publish(bank);
    await call(subject, operator(), 'suspendPartner', { partnerId: bank.partnerId, reason: 'a test' });
    expect(await slugs()).not.toContain(bank.slug);
    expect((await decide('approve', subgraph.id)).userErrors).toEqual([{ code: 'NOT_ALLOWED', field: ['input', 'id'] }]);
    expect((await publish(bank)).userErrors[0].code).toBe('NOT_ALLOWED');
  });

  it('of two banks with one slug one is let in, though both approvals come at once', async () => {
    const [one, two] = [await newPublisher(), await newPublisher()];
    const both = await Promise.all([publish(one), publish({ ...two, slug: one.slug })]);
    const decided = await Promise.all(both.map(({ subgraph }) => decide('approve', subgraph.id)));
    expect(decided.map(({ subgraph }) => subgraph.status).sort()).toEqual(['LIVE', 'PUBLISHED']);
    const refused = decided.find(({ subgraph }) => subgraph.status === 'PUBLISHED');
    expect(refused.problems[0].code).toBe('SLUG');
    expect(refused.userErrors).toEqual([{ code: 'INVALID_INPUT', field: ['input', 'id'] }]);
  });

  it('a slug that was live stays the bank’s for ever, and is its only one', async () => {
    const [bank, other] = [await newPublisher(), await newPublisher()];
    const id = await live(bank);
    await mutate(bank.as, 'withdrawSubgraph', { id });
    expect((await publish({ ...other, slug: bank.slug })).problems[0]).toMatchObject({ code: 'SLUG', coordinate: bank.slug });
    expect((await publish({ ...bank, slug: newSlug() })).problems[0].code).toBe('SLUG');
    expect((await publish(bank)).problems).toEqual([]);
  });

  it('whose a slug is, or was, is not told: it answers like a name of the house, problems of the schema and all', async () => {
    const [now, once, asks] = [await newPublisher(), await newPublisher(), await newPublisher()];
    await live(now);
    await mutate(once.as, 'withdrawSubgraph', { id: await live(once) });
    const answer = async (slug: string, sdl: string) => {
      const told = await publish(asks, { slug, sdl });
      return JSON.stringify({ ...told, subgraph: { ...told.subgraph, id: '', version: 0 } }).replaceAll(slug, 'slug').replaceAll(capital(slug), 'Slug');
    };
    // One that breaks what clients of the live one ask, one that breaks a rule, and one that only would not compose.
    const schemas = [(slug: string) => sdlOf(slug).replace('name: String!', 'motto: String'), (slug: string) => sdlOf(slug).replace('Score: Int', 'Score: Int!'), (slug: string) => sdlOf(slug, 'wallet: Nothing')];
    for (const sdl of schemas) {
      const house = await answer('viewe', sdl('viewe'));
      expect(house).toContain('SLUG');
      for (const slug of [now.slug, once.slug, `${now.slug}s`, once.slug.slice(0, -1)]) expect(await answer(slug, sdl(slug))).toBe(house);
    }
    // Who has a slug is told of its own alone.
    await live(asks);
    for (const slug of ['viewe', now.slug, newSlug()]) {
      expect((await publish(asks, { slug, sdl: sdlOf(slug) })).problems).toEqual([{ code: 'SLUG', coordinate: slug, reason: 'The slug is not the one that your bank has.' }]);
    }
  });

  it('approvals of different banks at once are all let in', async () => {
    const banks = await Promise.all(Array.from({ length: 4 }, newPublisher));
    await Promise.all(banks.map(live));
    expect(await slugs()).toEqual(expect.arrayContaining(banks.map(({ slug }) => slug)));
  });

  it('stands in the audit trail with who, before and after, and why', async () => {
    const bank = await newPublisher();
    const id = await live(bank);
    const { data } = await subject.ask(operator(), 'query ($id: ID!) { partnerById(id: $id) { auditTrail(first: 2) { edges { node { action actorKind before after reason } } } } }', { id: bank.partnerId });
    const [approved, published] = data.partnerById.auditTrail.edges.map(({ node }: any) => node);
    expect(approved).toEqual({
      action: 'SUBGRAPH_LIVE', actorKind: 'PERSON', reason: 'to approve',
      before: JSON.stringify({ id, status: 'PUBLISHED', version: 1 }), after: JSON.stringify({ id, status: 'LIVE', version: 1 }),
    });
    expect(published).toMatchObject({ action: 'SUBGRAPH_PUBLISHED', actorKind: 'PARTNER_CLIENT', before: null });
  });

  it('stands there too where it is rejected, taken out by us, or withdrawn by the bank', async () => {
    const bank = await newPublisher();
    const { subgraph } = await publish(bank);
    await decide('reject', subgraph.id);
    const id = await live(bank);
    await decide('suspend', id);
    await mutate(bank.as, 'withdrawSubgraph', { id });
    const { data } = await subject.ask(operator(), 'query ($id: ID!) { partnerById(id: $id) { auditTrail(first: 50) { edges { node { action actorKind after } } } } }', { id: bank.partnerId });
    const steps = data.partnerById.auditTrail.edges.map(({ node }: any) => `${node.action} ${node.actorKind} ${JSON.parse(node.after)?.id}`);
    expect(steps).toEqual(expect.arrayContaining([
      `SUBGRAPH_REJECTED PERSON ${subgraph.id}`, `SUBGRAPH_SUSPENDED PERSON ${id}`, `SUBGRAPH_WITHDRAWN PARTNER_CLIENT ${id}`,
    ]));
  });

  it('is asked of operators alone, and lists what waits', async () => {
    const bank = await newPublisher();
    const { subgraph } = await publish(bank);
    const LIST = '{ partnerSubgraphs(first: 1, status: PUBLISHED) { edges { node { id partnerId } } } }';
    expect((await subject.ask(operator(), LIST)).data.partnerSubgraphs.edges).toEqual([{ node: { id: subgraph.id, partnerId: bank.partnerId } }]);
    for (const as of [somebody(), nobody, bank.as]) {
      expect((await subject.ask(as, LIST)).errors).toHaveLength(1);
      const query = 'mutation ($input: ApproveSubgraphInput!) { approveSubgraph(input: $input) { userErrors { code } } }';
      expect((await subject.ask(as, query, { input: { id: subgraph.id, reason: 'x' } })).errors).toHaveLength(1);
    }
    expect((await decide('approve', uuidv7())).userErrors).toEqual([{ code: 'NOT_FOUND', field: ['input', 'id'] }]);
    expect((await decide('suspend', 'none')).userErrors).toEqual([{ code: 'NOT_FOUND', field: ['input', 'id'] }]);
  });
});

it('tells gateways alone what is live, and hears from them alone what does not fit', async () => {
  expect((await subject.get('/.well-known/partner-subgraphs', 'none')).status).toBe(401);
  expect(await subject.post('/.well-known/partner-subgraphs/left-out', { leftOut: [] }, 'none')).toBe(401);
  for (const body of [{}, { leftOut: [{ id: 'none', instead: null, reason: '' }] }]) {
    expect(await subject.post('/.well-known/partner-subgraphs/left-out', body)).toBe(400);
  }
});

describe('one that does not fit into the graph', () => {
  const note = (id: string, instead: string | null, reason = 'It does not compose.') =>
    subject.post('/.well-known/partner-subgraphs/left-out', { leftOut: [{ id, instead, reason }] });
  const LEFT_OUT = 'leftOut { reason insteadId triedAt }';
  const shownTo = async (bank: Publisher): Promise<any[]> =>
    (await subject.ask(bank.as, `{ partner { subgraphs { id status ${LEFT_OUT} } } }`)).data.partner.subgraphs;

  it('comes with what the bank had before, and goes with it', async () => {
    const bank = await newPublisher();
    const [first, second] = [await live(bank), await live(bank)];
    const entry = async () => (await told()).subgraphs.find(({ slug }: { slug: string }) => slug === bank.slug);
    expect(await entry()).toMatchObject({ id: second, former: { id: first, partnerId: bank.partnerId, slug: bank.slug, address: ADDRESS, sdl: sdlOf(bank.slug) } });
    // What an operator or the bank took out does not stay by a detour, nor does what it had replaced come back.
    await decide('suspend', second);
    expect(await entry()).toBeUndefined();
    const third = await live(bank);
    expect(await entry()).toMatchObject({ id: third, former: null });
    await decide('approve', second);
    expect(await entry()).toMatchObject({ id: second, former: { id: third } });
    await mutate(bank.as, 'withdrawSubgraph', { id: second });
    await live(bank);
    expect((await entry()).former).toBeNull();
  });

  it('is shown so to its bank and to operators, for as long as gateways repeat it', async () => {
    const [bank, other] = [await newPublisher(), await newPublisher()];
    const [first, second, others] = [await live(bank), await live(bank), await live(other)];
    expect(await note(second, first, 'Type "X" is two things.')).toBe(204);
    const leftOut = { reason: 'Type "X" is two things.', insteadId: first, triedAt: expect.any(String) };
    expect(await shownTo(bank)).toEqual([{ id: second, status: 'LIVE', leftOut }, { id: first, status: 'REPLACED', leftOut: null }]);
    expect(await shownTo(other)).toEqual([{ id: others, status: 'LIVE', leftOut: null }]);
    const { data } = await subject.ask(operator(), `{ partnerSubgraphs(first: 100, status: LIVE) { edges { node { id ${LEFT_OUT} } } } }`);
    expect(data.partnerSubgraphs.edges).toContainEqual({ node: { id: second, leftOut } });
    await subject.dataSource.query(`/* test.past */ UPDATE partner_subgraph SET "leftOutAt" = now() - interval '121 seconds' WHERE id = $1`, [second]);
    expect((await shownTo(bank))[0].leftOut).toBeNull();
  });

  it('says nothing any more once it is not live', async () => {
    const bank = await newPublisher();
    const id = await live(bank);
    await note(id, null);
    await decide('suspend', id);
    expect((await shownTo(bank))[0].leftOut).toBeNull();
    expect(await note(id, null)).toBe(204);
    await decide('approve', id);
    expect((await shownTo(bank))[0]).toMatchObject({ status: 'LIVE', leftOut: { insteadId: null } });
  });

  it('keeps nobody from publishing, nor its own bank from mending it', async () => {
    const [bank, other] = [await newPublisher(), await newPublisher()];
    const id = await live(bank);
    // As after a release of the house that it does not go with.
    await subject.dataSource.query('/* test.broken */ UPDATE partner_subgraph SET sdl = replace(sdl, $2, $3) WHERE id = $1', [id, 'Score: Int', 'Score: Nothing']);
    expect(await publish(other)).toMatchObject({ subgraph: { status: 'PUBLISHED' }, problems: [] });
    const { subgraph } = await publish(bank);
    expect((await decide('approve', subgraph.id)).subgraph.status).toBe('LIVE');
  });
});
