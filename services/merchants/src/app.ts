import { buildSubgraph, createSubgraphServer } from '@tael/graphql';
import type { KeyEntry, SealRing, Serving } from '@tael/platform/env';
import type { HealthCheck } from '@tael/platform/http';
import type { Logger } from '@tael/platform/log';
import { poolPressure, postgresHealth } from '@tael/platform/postgres';
import { createSealer } from '@tael/platform/seal';
import type { GraphQLSchema } from 'graphql';
import type { DataSource } from 'typeorm';
import { CodeResolver } from './codes/code.resolver';
import { CodeService } from './codes/code.service';
import { createLoaders, type Loaders } from './merchants/merchant.loader';
import { MerchantResolver, viewerOf } from './merchants/merchant.resolver';
import { MerchantService } from './merchants/merchant.service';
import { createPartnerLoaders, type PartnerLoaders } from './partners/partner.loader';
import { PartnerResolver } from './partners/partner.resolver';
import { createPartnerServices, type PartnerServices } from './partners/partner.parts';
import { PartnerDoorResolver } from './partners/partner-door.resolver';
import { PartnerRegistrationResolver } from './partners/partner-registration.resolver';
import { PeopleResolver } from './people/people.resolver';
import { PeopleService } from './people/people.service';
import { NearbyService } from './stores/nearby.service';
import { StoreResolver } from './stores/store.resolver';
import { StoreService } from './stores/store.service';

type AllLoaders = Loaders & PartnerLoaders;

export interface AppParts {
  readonly dataSource: DataSource;
  readonly log: Logger;
  readonly identityKeys: readonly [KeyEntry, ...KeyEntry[]];
  readonly sealKeys: SealRing;
  /** Readiness of what works beside the server, such as the relay. */
  readonly checks?: Readonly<Record<string, HealthCheck>>;
  readonly now?: () => Date;
  readonly serving?: Serving;
}

/** Builds the subgraph: the schema that answers, and its SDL. Without a service it can only be printed. */
export function merchantsSubgraph(services?: MerchantsServices, partners?: PartnerServices): { schema: GraphQLSchema; sdl: string } {
  const resolvers = new Map<Function, unknown>(
    services && [
      [MerchantResolver, new MerchantResolver(services.merchants)],
      [PeopleResolver, new PeopleResolver(services.people)],
      [CodeResolver, new CodeResolver(services.codes)],
      [StoreResolver, new StoreResolver(services.stores, services.nearby)],
    ],
  );
  if (partners) {
    resolvers.set(PartnerResolver, new PartnerResolver(partners.operators));
    resolvers.set(PartnerRegistrationResolver, new PartnerRegistrationResolver(partners.registration));
    resolvers.set(PartnerDoorResolver, new PartnerDoorResolver(partners.door));
  }
  return buildSubgraph<AllLoaders>({
    resolvers: [MerchantResolver, PeopleResolver, StoreResolver, CodeResolver, PartnerResolver, PartnerRegistrationResolver, PartnerDoorResolver],
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
}

/** Makes every service of merchants. */
export function createServices(parts: Pick<AppParts, 'dataSource' | 'sealKeys' | 'now'>): MerchantsServices {
  const { dataSource, now = () => new Date() } = parts;
  const merchants = createService(parts);
  const people = new PeopleService({ dataSource, merchants, now });
  const stores = new StoreService({ dataSource, people, now });
  const codes = new CodeService({ dataSource, merchants, people, stores, now });
  return { merchants, people, stores, codes, nearby: new NearbyService({ dataSource, now }) };
}

/** Makes what answers for merchants. */
export function createService({ dataSource, sealKeys, now = () => new Date() }: Pick<AppParts, 'dataSource' | 'sealKeys' | 'now'>): MerchantService {
  return new MerchantService({ dataSource, sealer: createSealer(sealKeys), now });
}

/** Makes the service whole, all but listening; its data source is the caller's to open and close. */
export async function createApp(parts: AppParts): ReturnType<typeof createSubgraphServer<AllLoaders>> {
  const { dataSource, log, identityKeys, serving, now = () => new Date() } = parts;
  const services = createServices(parts);
  const partners = createPartnerServices({ dataSource, sealer: createSealer(parts.sealKeys), now });
  return createSubgraphServer<AllLoaders>({
    schema: merchantsSubgraph(services, partners).schema,
    log,
    identityKeys,
    now: () => now().getTime(),
    loaders: (identity) => ({
      ...createLoaders(services, identity.principal ? viewerOf(identity.principal) : null),
      ...createPartnerLoaders(partners.operators, identity),
    }),
    checks: { postgres: postgresHealth(dataSource), ...parts.checks },
    ...(serving ? { serving, pressure: poolPressure(dataSource, serving.admission.poolWaitMaxMs) } : {}),
  });
}
