import { toUserErrors } from '@tael/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { signedInOf } from '../callers';
import type { AccountsContext } from '../loaders';
import type { CredentialService } from './credential.service';
import { ChangePasswordInput, ChangePasswordPayload } from './credential.type';
import { whenNotBusy } from './person.resolver';

@Resolver()
export class CredentialResolver {
  constructor(private readonly credentials: CredentialService) {}

  @Mutation(() => ChangePasswordPayload, { description: 'Changes the password, and ends every session but the current one.' })
  async changePassword(
    @Arg('input', () => ChangePasswordInput) input: ChangePasswordInput,
    @Ctx() context: AccountsContext,
  ): Promise<ChangePasswordPayload> {
    const asker = signedInOf(context);
    const change = { ...input, stepUpId: input.stepUpId ?? undefined };
    const done = await whenNotBusy(() => this.credentials.changePassword(asker, change));
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, context.identity.locale) };
    return { user: (await context.loaders.users.load(asker.personId)) ?? undefined, userErrors: [] };
  }
}
