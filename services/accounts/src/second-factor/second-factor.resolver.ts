import { toUserErrors, unauthenticated } from '@tael/graphql';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { enrollingOf, signedInOf } from '../callers';
import type { AccountsContext } from '../loaders';
import { whenNotBusy } from '../people/person.resolver';
import type { PersonService } from '../people/person.service';
import { UserType } from '../people/user.type';
import type { SecondFactorService } from './second-factor.service';
import {
  BeginTotpInput,
  BeginTotpPayload,
  ConfirmTotpInput,
  ConfirmTotpPayload,
  DisableTotpInput,
  DisableTotpPayload,
  RegenerateRecoveryCodesInput,
  RegenerateRecoveryCodesPayload,
  SecondFactorType,
} from './second-factor.type';

/** A person's second factor. A User stands in an answer only for the person themselves. */
@Resolver(() => UserType)
export class SecondFactorResolver {
  constructor(private readonly secondFactors: SecondFactorService, private readonly people: PersonService) {}

  @FieldResolver(() => SecondFactorType)
  secondFactor(@Root() user: UserType): Promise<SecondFactorType> {
    return this.secondFactors.of(user.id);
  }

  @Mutation(() => BeginTotpPayload, {
    description: 'Begins to set up an authenticator app. It is asked for once confirmTotp has brought a first code.',
  })
  async beginTotp(
    @Arg('input', () => BeginTotpInput) input: BeginTotpInput,
    @Ctx() context: AccountsContext,
  ): Promise<BeginTotpPayload> {
    const asker = enrollingOf(context);
    const [person] = await this.people.byIds([asker.personId]);
    if (!person) throw unauthenticated();
    const command = { password: input.password, account: person.email };
    const done = await whenNotBusy(() => this.secondFactors.begin(asker, command));
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, context.identity.locale) };
    return { secret: done.secret, uri: done.uri, userErrors: [] };
  }

  @Mutation(() => ConfirmTotpPayload, { description: 'Turns the authenticator app on that beginTotp began.' })
  async confirmTotp(
    @Arg('input', () => ConfirmTotpInput) input: ConfirmTotpInput,
    @Ctx() context: AccountsContext,
  ): Promise<ConfirmTotpPayload> {
    const done = await this.secondFactors.confirm(enrollingOf(context), input.code);
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, context.identity.locale) };
    return { recoveryCodes: done.recoveryCodes, userErrors: [] };
  }

  @Mutation(() => DisableTotpPayload)
  async disableTotp(
    @Arg('input', () => DisableTotpInput) input: DisableTotpInput,
    @Ctx() context: AccountsContext,
  ): Promise<DisableTotpPayload> {
    const asker = signedInOf(context);
    const done = await this.secondFactors.disable(asker, input.stepUpId);
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, context.identity.locale) };
    return { secondFactor: await this.secondFactors.of(asker.personId), userErrors: [] };
  }

  @Mutation(() => RegenerateRecoveryCodesPayload)
  async regenerateRecoveryCodes(
    @Arg('input', () => RegenerateRecoveryCodesInput) input: RegenerateRecoveryCodesInput,
    @Ctx() context: AccountsContext,
  ): Promise<RegenerateRecoveryCodesPayload> {
    const done = await this.secondFactors.regenerate(signedInOf(context), input.stepUpId);
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, context.identity.locale) };
    return { recoveryCodes: done.recoveryCodes, userErrors: [] };
  }
}
