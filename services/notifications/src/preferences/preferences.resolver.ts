import { principalOf, type SubgraphContext, toUserErrors } from '@tael/graphql';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { UserType } from '../people/user.type';
import { toPatch, UpdateNotificationPreferencesInput } from './preferences.input';
import type { PreferencesService } from './preferences.service';
import {
  NotificationPreferencesType,
  toPreferencesType,
  UpdateNotificationPreferencesPayload,
} from './preferences.type';

@Resolver(() => UserType)
export class UserPreferencesResolver {
  constructor(private readonly preferences: PreferencesService) {}

  @FieldResolver(() => NotificationPreferencesType, { nullable: true })
  async notificationPreferences(
    @Root() user: UserType,
    @Ctx() context: SubgraphContext,
  ): Promise<NotificationPreferencesType | null> {
    // Somebody signed in who is another person gets null; whoever is not signed in is told so.
    if (principalOf(context).personId !== user.id) return null;
    return toPreferencesType(await this.preferences.of(user.id));
  }
}

@Resolver()
export class PreferencesResolver {
  constructor(private readonly preferences: PreferencesService) {}

  @Mutation(() => UpdateNotificationPreferencesPayload)
  async updateNotificationPreferences(
    @Arg('input', () => UpdateNotificationPreferencesInput) input: UpdateNotificationPreferencesInput,
    @Ctx() context: SubgraphContext,
  ): Promise<UpdateNotificationPreferencesPayload> {
    const updated = await this.preferences.update(principalOf(context).personId, toPatch(input));
    if (updated.ok) return { preferences: toPreferencesType(updated.preferences), userErrors: [] };
    return { userErrors: toUserErrors(updated.refusals, context.identity.locale) };
  }
}
