import { connectionTypes, DateTime, UserErrorType } from '@tael/graphql';
import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { WalletType } from '../wallets/wallet.type';
import type { ConsentStatus } from './consent.domain';

export enum ConsentStatusEnum {
  ACTIVE = 'ACTIVE',
  WITHDRAWN = 'WITHDRAWN',
  EXPIRED = 'EXPIRED',
}
registerEnumType(ConsentStatusEnum, { name: 'ConsentStatus' });

@ObjectType('Consent', { description: 'What a person lets a bank see of theirs.' })
export class ConsentType {
  @Field(() => ID)
  id: string;

  @Field(() => String, { description: 'The bank that may see it.' })
  partnerName: string;

  @Field(() => [String], { description: 'What it may see: wallets:read, transactions:read.' })
  scopes: readonly string[];

  @Field(() => [WalletType], { description: 'The wallets whose data it is, oldest first.' })
  wallets: WalletType[];

  @Field(() => DateTime)
  givenAt: Date;

  @Field(() => DateTime, { description: 'When it ends by itself.' })
  expiresAt: Date;

  @Field(() => DateTime, { nullable: true })
  withdrawnAt: Date | null;

  @Field(() => ConsentStatusEnum)
  status: ConsentStatus;
}

export const { Connection: ConsentConnection } = connectionTypes('Consent', () => ConsentType);

@InputType('WithdrawConsentInput')
export class WithdrawConsentInput {
  @Field(() => ID)
  consentId: string;
}

@ObjectType('WithdrawConsentPayload')
export class WithdrawConsentPayload {
  @Field(() => ConsentType, { nullable: true })
  consent?: ConsentType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
