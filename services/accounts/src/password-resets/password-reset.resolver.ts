import { toUserErrors } from '@tael/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { AccountsContext } from '../loaders';
import { whenNotBusy } from '../people/person.resolver';
import type { PasswordResetService } from './password-reset.service';
import { RequestPasswordResetInput, RequestPasswordResetPayload, ResetPasswordInput, ResetPasswordPayload } from './password-reset.type';

@Resolver()
export class PasswordResetResolver {
  constructor(private readonly passwordResets: PasswordResetService) {}

  @Mutation(() => RequestPasswordResetPayload, {
    description: 'For who has forgotten the password: sends a code to the mail address, where somebody has it. It is good for ten minutes.',
  })
  async requestPasswordReset(
    @Arg('input', () => RequestPasswordResetInput) input: RequestPasswordResetInput,
    @Ctx() { identity }: AccountsContext,
  ): Promise<RequestPasswordResetPayload> {
    const done = await this.passwordResets.request(input.email, identity);
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, identity.locale) };
    return { request: done.request, userErrors: [] };
  }

  @Mutation(() => ResetPasswordPayload, {
    description:
      'Sets a new password with the code from the mail, and ends every session. It gives none: signIn does, and asks for the second factor where there is one.',
  })
  async resetPassword(
    @Arg('input', () => ResetPasswordInput) input: ResetPasswordInput,
    @Ctx() { identity }: AccountsContext,
  ): Promise<ResetPasswordPayload> {
    const done = await whenNotBusy(() => this.passwordResets.reset(input, identity));
    return { userErrors: done.ok ? [] : toUserErrors(done.refusals, identity.locale) };
  }
}
