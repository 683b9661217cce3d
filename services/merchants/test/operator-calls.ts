import type { Identity } from '@tael/platform/identity';
import { BUSINESS, onboardingOf } from './onboarding-world';
import { type Bank, bankIdentity, call, newBank, SCOPES } from './partner-world';
import { activate, operator, register, somebody } from './support';
import { must, startWebhookWorld, type WebhookWorld } from './webhook-world';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Payload = any;

/** What an entry of the trail says beside who and when. */
export interface Told {
  readonly action: string;
  readonly about: readonly [kind: 'MERCHANT' | 'PARTNER' | 'MERCHANT_APPLICATION', id: string | ((payload: Payload) => string)];
  /** What was before and is after: null where there is nothing. */
  readonly before: Payload;
  readonly after: Payload;
}

/** One good call of a mutation by an operator, and the entries of the trail that it must leave. */
export interface OperatorCall {
  readonly input: Record<string, unknown>;
  /** What of the payload is read, to know what the entries are about. */
  readonly payload: string;
  readonly told: readonly Told[];
  /** Where the input has no words for the trail: what stands there. */
  readonly reason?: string;
  /** The same once more is another change. */
  readonly isNewEachTime?: true;
}

/** What calls are made of: shops, banks and applications, all real. */
export interface Stage {
  readonly world: WebhookWorld;
  readonly onboarding: ReturnType<typeof onboardingOf>;
  /** Who calls. */
  readonly ada: Identity;
}

export type Calls = Readonly<Record<string, (stage: Stage) => Promise<OperatorCall>>>;

export async function openStage(): Promise<Stage> {
  const world = await startWebhookWorld('merchants_operator_trail');
  return { world, onboarding: onboardingOf(world.subject), ada: operator() };
}

export const reason = 'It was agreed by phone';
export const uuid = expect.stringMatching(/^[\da-f-]{36}$/);

/** A shop with its owner. */
export async function shopOf({ world: { subject } }: Stage, isActive = true): Promise<{ owner: Identity; merchantId: string }> {
  const owner = somebody();
  const { merchant } = await register(subject, owner);
  if (isActive) await activate(subject, operator(), merchant.id);
  return { owner, merchantId: merchant.id };
}

const MERCHANTS: Calls = {
  activateMerchant: async (stage) => {
    const { merchantId } = await shopOf(stage, false);
    const told = { action: 'ACTIVATED', about: ['MERCHANT', merchantId], before: { status: 'PENDING' }, after: { status: 'ACTIVE' } } as const;
    return { input: { merchantId, reason }, payload: 'merchant { id }', told: [told] };
  },
  suspendMerchant: async (stage) => {
    const { merchantId } = await shopOf(stage);
    const told = { action: 'SUSPENDED', about: ['MERCHANT', merchantId], before: { status: 'ACTIVE' }, after: { status: 'SUSPENDED' } } as const;
    return { input: { merchantId, reason }, payload: 'merchant { id }', told: [told] };
  },
};

/** An application that the operator has taken, or that waits for one. */
async function applicationOf({ onboarding, ada }: Stage, isTaken = true): Promise<{ id: string; documents: Record<string, string>; as: Identity }> {
  const application = await onboarding.submitted();
  if (isTaken) expect((await onboarding.mutate(ada, 'takeMerchantApplication', { applicationId: application.id })).userErrors).toEqual([]);
  return application;
}
const step = (id: string, action: string, before: object, after: object): Told => ({ action, about: ['MERCHANT_APPLICATION', id], before, after });

const APPLICATIONS: Calls = {
  takeMerchantApplication: async (stage) => {
    const { id } = await applicationOf(stage, false);
    return {
      input: { applicationId: id }, payload: 'application { id }', reason: 'Taken for review',
      told: [step(id, 'TAKEN', { status: 'SUBMITTED' }, { status: 'IN_REVIEW', reviewerId: stage.ada.principal!.personId })],
    };
  },
  releaseMerchantApplication: async (stage) => {
    const { id } = await applicationOf(stage);
    return {
      input: { applicationId: id, reason }, payload: 'application { id }',
      told: [step(id, 'RELEASED', { status: 'IN_REVIEW', reviewerId: stage.ada.principal!.personId }, { status: 'SUBMITTED', reviewerId: null })],
    };
  },
  askMoreOfMerchant: async (stage) => {
    const { id, documents } = await applicationOf(stage);
    const documentId = documents['REGISTRATION'];
    return {
      input: { applicationId: id, reason, message: 'Please send one more', documents: [{ documentId, message: 'It is dark' }] }, payload: 'application { id }',
      told: [step(id, 'MORE_ASKED', { status: 'IN_REVIEW' }, { status: 'NEEDS_MORE', documents: [documentId] })],
    };
  },
  approveMerchantApplication: async (stage) => {
    const { id, as } = await applicationOf(stage);
    const { categoryCode, currency } = BUSINESS;
    const merchantId = ({ application }: Payload): string => application.merchantId;
    return {
      input: { applicationId: id, reason }, payload: 'application { merchantId }',
      told: [
        {
          action: 'REGISTERED', about: ['MERCHANT', merchantId], before: null,
          after: { status: 'ACTIVE', verified: true, categoryCode, currency, people: [as.principal!.personId] },
        },
        step(id, 'APPROVED', { status: 'IN_REVIEW' }, { status: 'APPROVED', merchantId: uuid }),
      ],
    };
  },
  rejectMerchantApplication: async (stage) => {
    const { id } = await applicationOf(stage);
    return { input: { applicationId: id, reason, message: 'We cannot take you' }, payload: 'application { id }', told: [step(id, 'REJECTED', { status: 'IN_REVIEW' }, { status: 'REJECTED' })] };
  },
};

const of = (bank: Pick<Bank, 'partnerId'>, action: string, before: object | null, after: Payload): Told => ({ action, about: ['PARTNER', bank.partnerId], before, after });
const invitation = (scopes: readonly string[]) => ({ invitationId: uuid, scopes, expiresAt: expect.any(String) });
const bankOf = ({ world: { subject } }: Stage): Promise<Bank> => newBank(subject);

const PARTNERS: Calls = {
  invitePartner: async () => ({
    input: { name: 'Second Bank', environment: 'PRODUCTION', scopes: ['partner:read'], reason }, payload: 'partner { id }', isNewEachTime: true,
    told: [{
      action: 'INVITED', about: ['PARTNER', ({ partner }) => partner.id], before: null,
      after: { environment: 'PRODUCTION', status: 'ACTIVE', rate: expect.objectContaining({ perSecond: 100, burst: 10_000 }), ...invitation(['partner:read']) },
    }],
  }),
  renewPartnerInvitation: async (stage) => {
    const { partnerId } = await bankOf(stage);
    return {
      input: { partnerId, scopes: ['keys:manage'], reason }, payload: 'partner { id }', isNewEachTime: true,
      told: [of({ partnerId }, 'INVITATION_RENEWED', null, invitation(['keys:manage']))],
    };
  },
  suspendPartner: async (stage) => {
    const { partnerId } = await bankOf(stage);
    return { input: { partnerId, reason }, payload: 'partner { id }', told: [of({ partnerId }, 'SUSPENDED', { status: 'ACTIVE' }, { status: 'SUSPENDED' })] };
  },
  resumePartner: async (stage) => {
    const { partnerId } = await bankOf(stage);
    await call(stage.world.subject, operator(), 'suspendPartner', { partnerId, reason });
    return { input: { partnerId, reason }, payload: 'partner { id }', told: [of({ partnerId }, 'RESUMED', { status: 'SUSPENDED' }, { status: 'ACTIVE' })] };
  },
  setPartnerRate: async (stage) => {
    const { partnerId } = await bankOf(stage);
    return {
      input: { partnerId, perSecond: 7, burst: 70, reason }, payload: 'partner { id }',
      told: [of({ partnerId }, 'RATE_SET', { rate: expect.objectContaining({ perSecond: 100, burst: 10_000 }) }, { rate: expect.objectContaining({ perSecond: 7, burst: 70 }) })],
    };
  },
  setPartnerClientScopes: async (stage) => {
    const { partnerId, clientId } = await bankOf(stage);
    const state = (scopes: readonly string[]) => ({ clientId, scopes });
    return {
      input: { partnerId, clientId, scopes: ['partner:read'], reason }, payload: 'partner { id }',
      told: [of({ partnerId }, 'SCOPES_SET', state([...SCOPES]), state(['partner:read']))],
    };
  },
  revokePartnerKey: async (stage) => {
    const { partnerId, clientId, pair: { kid } } = await bankOf(stage);
    const state = (is: string) => ({ clientId, kid, key: is, client: is });
    return { input: { partnerId, clientId, kid, reason }, payload: 'partner { id }', told: [of({ partnerId }, 'KEY_REVOKED', state('ACTIVE'), state('REVOKED'))] };
  },
  withdrawPartnerDocuments: async (stage) => {
    const bank = await bankOf(stage);
    const as = bankIdentity(bank.partnerId, bank.clientId, [...SCOPES, 'documents:publish']);
    const { publishDocuments } = await must(stage.world.subject, as,
      'mutation ($input: PublishDocumentsInput!) { publishDocuments(input: $input) { documents { id } userErrors { code } } }', { input: { documents: ['{ partner { name } }'] } });
    const { id } = publishDocuments.documents[0];
    return {
      input: { partnerId: bank.partnerId, documents: [id], reason }, payload: 'withdrawn',
      told: [of(bank, 'DOCUMENTS_WITHDRAWN', { documents: [id.slice('sha256:'.length)] }, null)],
    };
  },
};

let slugs = 0;
/** What a bank has published. */
async function subgraphOf(stage: Stage): Promise<{ bank: Bank; id: string }> {
  const { world: { subject } } = stage;
  const bank = await bankOf(stage);
  const slug = `trail${String.fromCharCode(97 + slugs++)}`;
  const type = `${slug[0]!.toUpperCase()}${slug.slice(1)}Bank`;
  const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) type Query { ${slug}: ${type} } type ${type} { motto: String }`;
  const { publishSubgraph } = await must(subject, bankIdentity(bank.partnerId, bank.clientId, [...SCOPES, 'subgraph:publish']),
    'mutation ($input: PublishSubgraphInput!) { publishSubgraph(input: $input) { subgraph { id } problems { code reason } userErrors { code } } }',
    { input: { slug, address: 'https://graph.bank.example/graphql', sdl } });
  expect(publishSubgraph).toMatchObject({ problems: [], userErrors: [] });
  return { bank, id: publishSubgraph.subgraph.id };
}
const subgraphStep = (bank: Bank, id: string, from: string, to: string): Told =>
  of(bank, `SUBGRAPH_${to}`, { id, version: 1, status: from }, { id, version: 1, status: to });

const SUBGRAPHS: Calls = {
  approveSubgraph: async (stage) => {
    const { bank, id } = await subgraphOf(stage);
    return { input: { id, reason }, payload: 'subgraph { id }', told: [subgraphStep(bank, id, 'PUBLISHED', 'LIVE')] };
  },
  rejectSubgraph: async (stage) => {
    const { bank, id } = await subgraphOf(stage);
    return { input: { id, reason }, payload: 'subgraph { id }', told: [subgraphStep(bank, id, 'PUBLISHED', 'REJECTED')] };
  },
  suspendSubgraph: async (stage) => {
    const { bank, id } = await subgraphOf(stage);
    const { approveSubgraph } = await must(stage.world.subject, operator(),
      'mutation ($input: ApproveSubgraphInput!) { approveSubgraph(input: $input) { userErrors { code } } }', { input: { id, reason } });
    expect(approveSubgraph.userErrors).toEqual([]);
    return { input: { id, reason }, payload: 'subgraph { id }', told: [subgraphStep(bank, id, 'LIVE', 'SUSPENDED')] };
  },
};

/** A good call of each mutation that operators alone may call, by its name. */
export const OPERATOR_CALLS: Calls = { ...MERCHANTS, ...APPLICATIONS, ...PARTNERS, ...SUBGRAPHS };
