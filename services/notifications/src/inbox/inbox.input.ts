import { PageArgs } from '@tael/graphql';
import { ArgsType, Field, ID, InputType } from 'type-graphql';

@ArgsType()
export class InboxArgs extends PageArgs {
  @Field(() => Boolean, { defaultValue: false, nullable: true })
  unreadOnly: boolean | null;
}

@InputType()
export class MarkNotificationsReadInput {
  @Field(() => [ID])
  ids: string[];
}
