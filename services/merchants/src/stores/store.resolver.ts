import { badUserInput, type ConnectionOf, PageArgs, pageOf, principalOf, type SubgraphContext, toConnection, toUserErrors } from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import { reasonOf } from '../audit/reason.domain';
import type { Loaders } from '../merchants/merchant.loader';
import { viewerOf } from '../merchants/merchant.resolver';
import { MerchantType } from '../merchants/merchant.type';
import type { NearbyService } from './nearby.service';
import { microdegrees, RADIUS_MAX_M } from './place.domain';
import type { StoreCommand, StoreRecord } from './store.domain';
import { AddStoreInput, CloseStoreInput, NearbyStoresArgs, UpdateStoreInput } from './store.input';
import type { Store, StoreOutcome, StoreService } from './store.service';
import { AddStorePayload, CloseStorePayload, NearbyStoreConnection, type NearbyStoreType, StoreConnection, type StoreType, UpdateStorePayload } from './store.type';

type Context = SubgraphContext<Loaders>;

export function toStoreType({ latitudeE6, longitudeE6, hours, ...store }: Store): StoreType {
  return {
    ...store, latitude: latitudeE6 / 1_000_000, longitude: longitudeE6 / 1_000_000, openingHours: hours.weekly, openingExceptions: hours.exceptions,
  };
}

/** The store as the service knows it, from what was shown of it. */
export function recordOf({ openingHours, openingExceptions, latitude, longitude, isOpenNow: _now, ...store }: StoreType): StoreRecord {
  return {
    ...store, latitudeE6: Math.round(latitude * 1e6), longitudeE6: Math.round(longitude * 1e6), hours: { weekly: openingHours, exceptions: openingExceptions },
  };
}

const toPayload = (outcome: StoreOutcome, context: Context): AddStorePayload =>
  outcome.ok
    ? { store: toStoreType(outcome.store), userErrors: [] }
    : { userErrors: toUserErrors(outcome.refusals, context.identity.locale) };

/** What an input says of a store; what it leaves out is not there, and a null only stands for a postal code. */
function changeOf({ openingHours, openingExceptions, ...input }: Omit<UpdateStoreInput, 'storeId' | 'reason'>, present?: StoreRecord): Partial<StoreCommand> {
  const given = Object.entries(input).filter(([name, value]) => value !== undefined && (value !== null || name === 'postalCode'));
  if (!openingHours && !openingExceptions) return Object.fromEntries(given);
  const hours = {
    weekly: (openingHours ?? present?.hours.weekly ?? []).map(({ weekday, opens, closes }) => ({ weekday, opens, closes })),
    exceptions: (openingExceptions ?? present?.hours.exceptions ?? []).map(({ date, times }) => ({
      date, times: times.map(({ opens, closes }) => ({ opens, closes })),
    })),
  };
  return { ...Object.fromEntries(given), hours };
}

@Resolver(() => MerchantType)
export class StoreResolver {
  constructor(
    private readonly service: StoreService,
    private readonly nearby: NearbyService,
  ) {}

  @FieldResolver(() => StoreConnection, {
    description: 'Where the merchant sells. Stores that are closed for good are shown to its own people and operators alone.',
  })
  async stores(@Root() merchant: MerchantType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: Context): Promise<ConnectionOf<StoreType>> {
    const page = pageOf(args, (position) => position.length === 1 && isUuid(position[0]));
    const rows = await context.loaders.stores.load({ merchantId: merchant.id, limit: page.limit + 1, after: page.after?.[0] });
    return toConnection(rows, page, { node: toStoreType, position: ({ id }) => [id] });
  }

  @Query(() => NearbyStoreConnection, { description: 'The stores around a place, the nearest first: in business, of merchants that can be paid.' })
  async nearbyStores(@Args(() => NearbyStoresArgs) args: NearbyStoresArgs, @Ctx() context: Context): Promise<ConnectionOf<NearbyStoreType>> {
    principalOf(context);
    const page = pageOf(args, ([distance, id, ...more]) => /^\d{1,12}$/.test(distance ?? '') && isUuid(id) && more.length === 0);
    const { radiusMeters, openNow, latitude, longitude } = args.input;
    if (radiusMeters < 1 || radiusMeters > RADIUS_MAX_M) throw badUserInput('`radiusMeters` must be from 1 to 50000.', ['input', 'radiusMeters']);
    // Where somebody stands may be told finer than where a store is.
    const latitudeE6 = microdegrees(Math.round(latitude * 1e6) / 1e6, 90);
    const longitudeE6 = microdegrees(Math.round(longitude * 1e6) / 1e6, 180);
    if (latitudeE6 === undefined) throw badUserInput('`latitude` must be from -90 to 90.', ['input', 'latitude']);
    if (longitudeE6 === undefined) throw badUserInput('`longitude` must be from -180 to 180.', ['input', 'longitude']);
    const after = page.after && { millimetres: BigInt(page.after[0]!), id: page.after[1]! };
    const rows = await this.nearby.find({ place: { latitudeE6, longitudeE6 }, radiusMeters, openNow }, { limit: page.limit + 1, after });
    return toConnection(rows, page, {
      node: ({ store, millimetres }) => ({ store: toStoreType(store), distanceMeters: Math.round(Number(millimetres) / 1_000) }),
      position: ({ store, millimetres }) => [String(millimetres), store.id],
    });
  }

  @Mutation(() => AddStorePayload, {
    description: 'For the merchant\'s owners and managers, and operators. Refusals: NOT_FOUND, NOT_ALLOWED, INVALID_INPUT, LIMIT_EXCEEDED (1,000 stores).',
  })
  async addStore(@Arg('input', () => AddStoreInput) input: AddStoreInput, @Ctx() context: Context): Promise<AddStorePayload> {
    const { merchantId, reason, ...rest } = input;
    const viewer = viewerOf(principalOf(context));
    const why = reasonOf(reason, viewer);
    if (!why.ok) return toPayload(why, context);
    const { hours = { weekly: [], exceptions: [] }, ...command } = changeOf(rest);
    const full = { postalCode: null, ...command, hours } as StoreCommand;
    return toPayload(await this.service.add(merchantId, full, { ...viewer, reason: why.plan }), context);
  }

  @Mutation(() => UpdateStorePayload, { description: 'For the merchant\'s owners and managers, and operators. Refusals: NOT_FOUND, NOT_ALLOWED, INVALID_INPUT.' })
  async updateStore(@Arg('input', () => UpdateStoreInput) input: UpdateStoreInput, @Ctx() context: Context): Promise<UpdateStorePayload> {
    const { storeId, reason, ...rest } = input;
    const viewer = viewerOf(principalOf(context));
    const why = reasonOf(reason, viewer);
    if (!why.ok) return toPayload(why, context);
    return toPayload(await this.service.update(storeId, (present) => changeOf(rest, present), { ...viewer, reason: why.plan }), context);
  }

  @Mutation(() => CloseStorePayload, {
    description: 'Closes a store for good. For the merchant\'s owners and managers, and operators. Refusals: NOT_FOUND, NOT_ALLOWED, INVALID_INPUT (an operator who says no reason).',
  })
  async closeStore(@Arg('input', () => CloseStoreInput) input: CloseStoreInput, @Ctx() context: Context): Promise<CloseStorePayload> {
    const viewer = viewerOf(principalOf(context));
    const why = reasonOf(input.reason, viewer);
    if (!why.ok) return toPayload(why, context);
    return toPayload(await this.service.close(input.storeId, { ...viewer, reason: why.plan }), context);
  }
}
