import { fromMoneyInput, principalOf, type SubgraphContext, toMoneyType, toUserErrors } from '@tael/graphql';
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Merchant } from '../merchants/merchant.domain';
import type { Loaders } from '../merchants/merchant.loader';
import { viewerOf } from '../merchants/merchant.resolver';
import { denialOf } from '../people/role.domain';
import { recordOf } from '../stores/store.resolver';
import { StoreType } from '../stores/store.type';
import { type CodeService, shopCode } from './code.service';
import { CreatePaymentCodeInput, CreatePaymentCodePayload, PromotionKitType } from './code.type';
import { LIFE_S } from './payment-code.domain';

type Context = SubgraphContext<Loaders>;

/** The merchant of a store, for those who may show its codes; null for everybody else. */
async function merchantShown(store: StoreType, context: Context): Promise<Merchant | null> {
  const { principal } = context.identity;
  if (!principal) return null;
  const viewer = viewerOf(principal);
  const people = await context.loaders.people.load(store.merchantId);
  const role = people.find(({ personId }) => personId === viewer.personId)?.role;
  return denialOf({ role, isOperator: viewer.isOperator }, 'SHOP_CODES') ? null : context.loaders.merchant.load(store.merchantId);
}

@Resolver(() => StoreType)
export class CodeResolver {
  constructor(private readonly service: CodeService) {}

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'The text of the store\'s own QR code (EMV QRCPS, merchant-presented, static): shown again and again, the payer says how much. ' +
      'For the merchant\'s people and operators; null for everybody else.',
  })
  async qrCode(@Root() store: StoreType, @Ctx() context: Context): Promise<string | null> {
    const merchant = await merchantShown(store, context);
    return merchant && shopCode(merchant, recordOf(store));
  }

  @Query(() => PromotionKitType, {
    nullable: true,
    description: 'Pictures of a store\'s own code. For the merchant\'s people and operators; null for everybody else. Costs 50.',
  })
  async promotionKit(@Arg('storeId', () => ID) storeId: string, @Ctx() context: Context): Promise<PromotionKitType | null> {
    return (await this.service.promotionKit(storeId, viewerOf(principalOf(context)))) ?? null;
  }

  @Mutation(() => CreatePaymentCodePayload, {
    description:
      'Makes a QR code that is good for one payment. For the merchant\'s people and operators. Refusals: NOT_FOUND, NOT_ALLOWED, ' +
      'MERCHANT_NOT_ACTIVE, CURRENCY_MISMATCH, INVALID_INPUT.',
  })
  async createPaymentCode(
    @Arg('input', () => CreatePaymentCodeInput) input: CreatePaymentCodeInput, @Ctx() context: Context,
  ): Promise<CreatePaymentCodePayload> {
    const viewer = viewerOf(principalOf(context));
    const { locale, traceparent } = context.identity;
    const amount = fromMoneyInput(input.amount, ['input', 'amount']);
    if (!amount.ok) return { userErrors: toUserErrors(amount.refusals, locale) };
    const command = { amount: amount.money, reference: input.reference ?? undefined, expiresInSeconds: input.expiresInSeconds ?? LIFE_S };
    const outcome = await this.service.create(input.storeId, command, viewer, traceparent);
    if (!outcome.ok) return { userErrors: toUserErrors(outcome.refusals, locale) };
    const { id, storeId, payload, reference, expiresAt } = outcome.code;
    return { paymentCode: { id, storeId, payload, reference, expiresAt, amount: toMoneyType(amount.money) }, userErrors: [] };
  }
}
