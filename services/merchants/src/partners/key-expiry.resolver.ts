import { type ConnectionOf, connectionTypes, PageArgs, pageOf, principalWithRole, type SubgraphContext, toConnection } from '@tael/graphql';
import { Args, Ctx, Field, ID, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import type { KeyExpiryService } from './key-expiry.service';

@ObjectType('EndingPartnerKey', { description: 'A key of a bank that ends within 30 days, or has ended and is registered still. For operators.' })
export class EndingPartnerKeyType {
  @Field(() => ID)
  partnerId: string;

  @Field(() => String)
  partnerName: string;

  @Field(() => ID)
  clientId: string;

  @Field(() => String)
  kid: string;

  @Field(() => Date)
  expiresAt: Date;

  @Field(() => Int, { nullable: true, description: 'So many days before its end the bank was told last: 30, 7 or 1. Null: not yet.' })
  toldDays: number | null;
}

export const { Connection: EndingPartnerKeyConnection } = connectionTypes<EndingPartnerKeyType>('EndingPartnerKey', () => EndingPartnerKeyType);

// Date.parse rolls 30 February over and knows a year 0; Postgres refuses both.
const isInstant = (at: string): boolean => !Number.isNaN(Date.parse(at)) && new Date(at).toISOString() === at && !at.startsWith('0000');

const isPosition = ([at, clientId, kid, ...rest]: readonly string[]): boolean =>
  at !== undefined && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(at) && isInstant(at) && isUuid(clientId) && kid !== undefined && !kid.includes('\0') && rest.length === 0;

@Resolver()
export class KeyExpiryResolver {
  constructor(private readonly keys: KeyExpiryService) {}

  @Query(() => EndingPartnerKeyConnection, {
    description: 'For operators: keys of banks that end within 30 days, or have ended and are registered still; those that end first before the others.',
  })
  async endingPartnerKeys(
    @Args(() => PageArgs) args: PageArgs, @Ctx() context: SubgraphContext<unknown>,
  ): Promise<ConnectionOf<EndingPartnerKeyType>> {
    principalWithRole(context, 'OPERATOR');
    const page = pageOf(args, isPosition);
    const after = page.after ? ([page.after[0]!, page.after[1]!, page.after[2]!] as const) : undefined;
    const rows = await this.keys.ending({ limit: page.limit + 1, after });
    return toConnection(rows, page, { node: (row) => row, position: ({ expiresAt, clientId, kid }) => [expiresAt.toISOString(), clientId, kid] });
  }
}
