import { buildSubgraph, createSubgraphServer } from '@tael/graphql';
import type { KeyEntry, SealRing, Serving } from '@tael/platform/env';
import type { HealthCheck } from '@tael/platform/http';
import type { Logger } from '@tael/platform/log';
import type { Identity } from '@tael/platform/identity';
import { onCommit, poolPressure, postgresHealth } from '@tael/platform/postgres';
import { createSealer } from '@tael/platform/seal';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { GraphQLSchema } from 'graphql';
import type { DataSource } from 'typeorm';
import { MerchantAuditResolver } from './audit/merchant-audit.resolver';
import { CodeResolver } from './codes/code.resolver';
import { CodeService } from './codes/code.service';
import { PartnerDocumentResolver } from './partner-documents/partner-document.resolver';
import { servePartnerDocuments } from './partner-documents/partner-document.route';
import { PartnerDocumentService } from './partner-documents/partner-document.service';
import { createLoaders, type Loaders } from './merchants/merchant.loader';
import { MerchantResolver, viewerOf } from './merchants/merchant.resolver';
import { MerchantService } from './merchants/merchant.service';
import { createOnboardingLoaders, type OnboardingLoaders } from './onboarding/application.loader';
import { ApplicationResolver, DocumentResolver, VerificationResolver } from './onboarding/application.resolver';
import { createOnboardingServices, type OnboardingServices } from './onboarding/onboarding.parts';
import { ReviewResolver } from './onboarding/review.resolver';
import { createPartnerLoaders, type PartnerLoaders } from './partners/partner.loader';
import { KeyExpiryResolver } from './partners/key-expiry.resolver';
import { PartnerResolver } from './partners/partner.resolver';
import { ClientScopesResolver } from './partners/client-scopes.resolver';
import { createPartnerServices, type PartnerServices } from './partners/partner.parts';
import { PartnerDoorResolver } from './partners/partner-door.resolver';
import { PartnerRegistrationResolver } from './partners/partner-registration.resolver';
import { PeopleResolver } from './people/people.resolver';
import { PeopleService } from './people/people.service';
import { PartnerSubgraphResolver } from './subgraphs/partner-subgraph.resolver';
import { serveRevocations } from './partners/partner-revocation.route';
import { listSubgraphs } from './subgraphs/partner-subgraph.list';
import { createSubgraphLoaders, type SubgraphLoaders } from './subgraphs/partner-subgraph.loader';
import { serveLiveSubgraphs } from './subgraphs/partner-subgraph.route';
import { PartnerSubgraphService, type SubgraphParts } from './subgraphs/partner-subgraph.service';
import { NearbyService } from './stores/nearby.service';
import { StoreResolver } from './stores/store.resolver';
import { StoreService } from './stores/store.service';
import { createWebhookLoaders, type WebhookLoaders } from './webhooks/webhook.loader';
import { MerchantWebhooksResolver, PartnerWebhooksResolver, WebhookResolver } from './webhooks/webhook.resolver';
import type { SenderSettings } from './webhooks/webhook.sender';
import type { Asker } from './webhooks/webhook.view';
import { WebhookDeliveryService } from './webhooks/webhook-delivery.service';
import { WebhookEndpointService } from './webhooks/webhook-endpoint.service';
import { WebhookQueue } from './webhooks/webhook-queue.service';

type AllLoaders = Loaders & PartnerLoaders & WebhookLoaders & OnboardingLoaders & SubgraphLoaders;

/** What webhooks are made of. */
export interface Webhooks {
  readonly queue: WebhookQueue;
  readonly endpoints: WebhookEndpointService;
  readonly deliveries: WebhookDeliveryService;
}

export interface AppParts {
  readonly dataSource: DataSource;
  readonly log: Logger;
  readonly identityKeys: readonly [KeyEntry, ...KeyEntry[]];
  readonly sealKeys: SealRing;
  /** Readiness of what works beside the server, such as the relay. */
  readonly checks?: Readonly<Record<string, HealthCheck>>;
  readonly webhooks: Webhooks;
  /** The house's own schemas, and whether banks may be on plain http on loopback. */
  readonly subgraphs: Pick<SubgraphParts, 'own' | 'allowHttp'>;
  /** Whether banks of the environment SANDBOX are let in: unless told, they are not. */
  readonly sandboxPartners?: boolean;
  readonly now?: () => Date;
  /** The time of the world outside: that of `now`, but in a sandbox whose clock was moved. */
  readonly real?: () => Date;
  readonly serving?: Serving;
}

/** What answers behind the schema. */
interface Answering {
  readonly services: MerchantsServices;
  readonly partners: PartnerServices;
  readonly webhooks: Pick<Webhooks, 'endpoints'>;
  readonly documents: PartnerDocumentService;
  readonly subgraphs: PartnerSubgraphResolver;
}

/** Builds the subgraph: the schema that answers, and its SDL. Without a service it can only be printed. */
export function merchantsSubgraph({ services, partners, webhooks, documents, subgraphs }: Partial<Answering> = {}): { schema: GraphQLSchema; sdl: string } {
  const resolvers = new Map<Function, unknown>(
    services && [
      [MerchantResolver, new MerchantResolver(services.merchants)],
      [MerchantAuditResolver, new MerchantAuditResolver(services.merchants)],
      [PeopleResolver, new PeopleResolver(services.people)],
      [CodeResolver, new CodeResolver(services.codes)],
      [StoreResolver, new StoreResolver(services.stores, services.nearby)],
      [ApplicationResolver, new ApplicationResolver(services.onboarding)],
      [DocumentResolver, new DocumentResolver(services.onboarding)],
      [ReviewResolver, new ReviewResolver(services.onboarding.reviews)],
    ],
  );
  if (partners) {
    resolvers.set(PartnerResolver, new PartnerResolver(partners.operators));
    resolvers.set(PartnerRegistrationResolver, new PartnerRegistrationResolver(partners.registration));
    resolvers.set(ClientScopesResolver, new ClientScopesResolver(partners.scopes));
    resolvers.set(KeyExpiryResolver, new KeyExpiryResolver(partners.keyExpiry));
    resolvers.set(PartnerDoorResolver, new PartnerDoorResolver(partners.door));
  }
  resolvers.set(VerificationResolver, new VerificationResolver());
  resolvers.set(PartnerWebhooksResolver, new PartnerWebhooksResolver());
  if (documents) resolvers.set(PartnerDocumentResolver, new PartnerDocumentResolver(documents));
  resolvers.set(MerchantWebhooksResolver, new MerchantWebhooksResolver());
  if (webhooks) resolvers.set(WebhookResolver, new WebhookResolver(webhooks.endpoints));
  if (subgraphs) resolvers.set(PartnerSubgraphResolver, subgraphs);
  return buildSubgraph<AllLoaders>({
    resolvers: [
      MerchantResolver, PeopleResolver, StoreResolver, CodeResolver, PartnerResolver, PartnerRegistrationResolver, PartnerDoorResolver,
      MerchantWebhooksResolver, WebhookResolver, PartnerWebhooksResolver, PartnerDocumentResolver, PartnerSubgraphResolver,
      ApplicationResolver, DocumentResolver, ReviewResolver, VerificationResolver, KeyExpiryResolver, ClientScopesResolver, MerchantAuditResolver,
    ],
    container: resolvers,
    references: {
      Merchant: (reference, context) => context.loaders.merchant.load(reference.id),
      Partner: (reference, context) => context.loaders.partner.load(reference.id),
    },
  });
}

export interface MerchantsServices {
  readonly merchants: MerchantService;
  readonly people: PeopleService;
  readonly stores: StoreService;
  readonly codes: CodeService;
  readonly nearby: NearbyService;
  readonly onboarding: OnboardingServices;
}

/** Makes every service of merchants. */
export function createServices(parts: Pick<AppParts, 'dataSource' | 'sealKeys' | 'now'>): MerchantsServices {
  const { dataSource, now = () => new Date() } = parts;
  const merchants = createService(parts);
  const people = new PeopleService({ dataSource, merchants, now });
  const stores = new StoreService({ dataSource, people, now });
  const codes = new CodeService({ dataSource, merchants, people, stores, now });
  const onboarding = createOnboardingServices({ dataSource, merchants, sealer: createSealer(parts.sealKeys), now });
  return { merchants, people, stores, codes, nearby: new NearbyService({ dataSource, now }), onboarding };
}

/** Makes what answers for merchants. */
export function createService({ dataSource, sealKeys, now = () => new Date() }: Pick<AppParts, 'dataSource' | 'sealKeys' | 'now'>): MerchantService {
  return new MerchantService({ dataSource, sealer: createSealer(sealKeys), now });
}

/** Makes the parts of webhooks. */
export function createWebhooks(
  parts: Pick<AppParts, 'dataSource' | 'log' | 'sealKeys'> & {
    sender: SenderSettings; now?: () => Date; real?: () => Date; leaseMs?: number; perEndpointMax?: number; perHostMax?: number;
  },
): Webhooks {
  const { sealKeys, now = () => new Date(), real = now, ...rest } = parts;
  const sealer = createSealer(sealKeys);
  const queue = new WebhookQueue({ ...rest, now });
  const endpoints = new WebhookEndpointService({ ...rest, queue, sealer, now, allowHttp: parts.sender.allowHttp });
  return { queue, endpoints, deliveries: new WebhookDeliveryService({ ...rest, queue, sealer, now, real }) };
}

const WEBHOOKS_AT_ONCE = 32;
const QUIET_MS = 1_000;
const FORGOTTEN_AT_ONCE = 1_000;

/** Starts what sends webhooks, and what forgets them. */
export function startWebhookWork({ deliveries }: Webhooks, dataSource: DataSource, log: Logger): Record<string, WorkLoop> {
  const quiet = { maxMs: QUIET_MS, woken: (wake: () => void) => onCommit(dataSource, wake) };
  return {
    webhooks: startWorkLoop({ name: 'webhooks', work: () => deliveries.deliverDue(WEBHOOKS_AT_ONCE), idleMs: 100, quiet, log }),
    'webhooks-forgetting': startWorkLoop({
      name: 'forgetting of webhooks', work: () => deliveries.forget(FORGOTTEN_AT_ONCE), idleMs: 300_000, log,
    }),
  };
}

function askerOf(identity: Identity): Asker | null {
  if (identity.partner) return { kind: 'PARTNER', partnerId: identity.partner.partnerId, clientId: identity.partner.clientId };
  return identity.principal && { kind: 'PERSON', ...viewerOf(identity.principal) };
}

/** Makes the service whole, all but listening; its data source is the caller's to open and close. */
export async function createApp(parts: AppParts): ReturnType<typeof createSubgraphServer<AllLoaders>> {
  const { dataSource, log, identityKeys, serving, sandboxPartners = false, now = () => new Date(), real = now } = parts;
  const services = createServices(parts);
  const partners = createPartnerServices({ dataSource, sealer: createSealer(parts.sealKeys), now, real, sandboxPartners });
  const documents = new PartnerDocumentService({ dataSource, now });
  const subgraphs = new PartnerSubgraphResolver(
    new PartnerSubgraphService({ dataSource, now, ...parts.subgraphs }), (page) => listSubgraphs(dataSource.manager, page), now,
  );
  const server = await createSubgraphServer<AllLoaders>({
    schema: merchantsSubgraph({ services, partners, webhooks: parts.webhooks, documents, subgraphs }).schema,
    log,
    identityKeys,
    now: () => real().getTime(),
    loaders: (identity) => ({
      ...createLoaders(services, identity.principal ? viewerOf(identity.principal) : null),
      ...createPartnerLoaders(partners.operators, identity),
      ...createWebhookLoaders(parts.webhooks.endpoints, askerOf(identity)),
      ...createOnboardingLoaders(services.onboarding, identity.principal ? viewerOf(identity.principal) : null),
      ...createSubgraphLoaders(dataSource),
    }),
    checks: { postgres: postgresHealth(dataSource), ...parts.checks },
    ...(serving ? { serving, pressure: poolPressure(dataSource, serving.admission.poolWaitMaxMs) } : {}),
  });
  servePartnerDocuments(server, { documents, identityKeys, now: real });
  serveLiveSubgraphs(server, { dataSource, identityKeys, now, real });
  serveRevocations(server, { dataSource, identityKeys, now, real });
  return server;
}
