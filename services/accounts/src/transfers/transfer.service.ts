import type { Money } from '@tael/money';
import type { Sealer } from '@tael/platform/seal';
import type { Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { checkAmount } from '../amounts/amount.domain';
import { emit } from '../events/emission';
import { keyRefusals, once, type StoredAnswer } from '../idempotency/idempotency.service';
import { uuidOf } from '../ids.domain';
import { post } from '../ledger/ledger.service';
import { owedBy } from '../debts/debt.store';
import { countMovement, lockMovement } from '../limits/movement.service';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { normaliseEmail } from '../people/person.domain';
import type { AttemptLimit, AttemptService } from '../sessions/attempt.service';
import type { StepUpService } from '../step-ups/step-up.service';
import { descriptionRefusals } from '../transactions/description.domain';
import type { Caller } from '../transactions/transaction.domain';
import { decideTransfer } from './transfer.domain';

export interface SendMoney {
  readonly walletId: string;
  readonly recipientEmail: string;
  readonly amount: Money;
  readonly description: string | undefined;
  readonly idempotencyKey: string;
  /** An approved step-up for this transfer; a large one of somebody with a second factor needs it. */
  readonly stepUpId?: string | undefined;
}

interface TransferParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly stepUps: StepUpService;
  /** Finds a person by their mail address. */
  readonly personByEmail: (email: string) => Promise<string | undefined>;
  readonly attempts: AttemptService;
  readonly failedRecipientsPerHour: number;
}

interface Transfer extends SendMoney {
  readonly transactionId: string;
  readonly recipientId: string;
}

/** Sends money from person to person, in one transaction with the key and both sides' events. */
export class TransferService {
  private readonly failedRecipients: AttemptLimit;

  constructor(private readonly parts: TransferParts) {
    this.failedRecipients = { kind: 'FAILED_RECIPIENT', attemptsMax: parts.failedRecipientsPerHour, windowSeconds: 3_600 };
  }

  async send(caller: Caller, command: SendMoney): Promise<StoredAnswer> {
    const invalid = [...keyRefusals(command.idempotencyKey), ...descriptionRefusals(command.description, 'description')];
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const amount = checkAmount(command.amount);
    if (!amount.ok) return amount;
    const walletId = uuidOf(command.walletId);
    if (!walletId) return refuse('NOT_FOUND', ['input', 'walletId']);
    const { recipientId, tooMany } = await this.findRecipient(caller, command.recipientEmail);
    const transactionId = uuidv7();
    const claim = {
      scope: caller.personId,
      key: command.idempotencyKey,
      mutation: 'sendMoney' as const,
      input: {
        walletId, recipient: normaliseEmail(command.recipientEmail), minor: String(command.amount.minor), currency: command.amount.currency,
        description: command.description ?? null,
      },
      transactionId,
    };
    const stepUp = {
      personId: caller.personId, sessionId: caller.sessionId, stepUpId: command.stepUpId, amount: command.amount,
      action: {
        purpose: 'SEND_MONEY', walletId, recipientEmail: normaliseEmail(command.recipientEmail), amount: command.amount,
      },
    } as const;
    return once(this.parts.dataSource, claim, async (tx) => {
      if (tooMany) return refuse('LIMIT_EXCEEDED', ['input', 'recipientEmail'], 'TRY_LATER');
      if (!recipientId) return refuse('NOT_FOUND', ['input', 'recipientEmail']);
      if (recipientId === caller.personId) return refuse('INVALID_INPUT', ['input', 'recipientEmail'], 'OWN_WALLET');
      return this.parts.stepUps.guardMovement(
        tx, stepUp, () => this.book(tx, caller, { ...command, walletId, transactionId, recipientId }),
      );
    });
  }

  /**
   * Finds whom an address names. Who has named nobody too often learns of no address any more for a while, be it known or
   * not; what is stored under a key is answered all the same.
   */
  private async findRecipient(
    { personId }: Caller, email: string,
  ): Promise<{ recipientId: string | undefined; tooMany: boolean }> {
    const { attempts, personByEmail } = this.parts;
    const recipientId = await personByEmail(email);
    const within = recipientId
      ? await attempts.isOpen(this.failedRecipients, personId)
      : await attempts.take(this.failedRecipients, personId);
    return { recipientId, tooMany: !within };
  }

  private async book(tx: Tx, caller: Caller, transfer: Transfer): Promise<Outcome<object>> {
    const { personId } = caller;
    const { walletId, recipientId, transactionId } = transfer;
    const { currency, minor } = transfer.amount;
    const recipientWalletId = await this.walletOf(tx, recipientId, currency);
    const state = await lockMovement(tx, {
      personId, kind: 'TRANSFER', currency, walletIds: [walletId, ...(recipientWalletId ? [recipientWalletId] : [])],
    });
    const own = state.wallets.get(walletId);
    const decided = decideTransfer({
      wallet: own?.personId === personId ? own : undefined,
      recipientWallet: recipientWalletId ? state.wallets.get(recipientWalletId) : undefined,
      owed: await owedBy(tx, personId),
      limits: state.limits,
    }, transfer.amount);
    if (!decided.ok) return decided;
    await countMovement(tx, { personId, payments: 0, recordedAt: state.recordedAt, uses: decided.limitUses });
    const posted = await post(tx, {
      id: transactionId, kind: 'TRANSFER', currency, amount: minor, personId, walletId,
      counterpartyId: recipientId, counterWalletId: recipientWalletId!,
      description: transfer.description === undefined ? undefined : this.parts.sealer.seal(transfer.description, transactionId),
      recordedAt: state.recordedAt,
      legs: [{ debit: walletId, credit: recipientWalletId!, amount: minor }],
    });
    const movement = { transactionId, currency, amount: minor, occurredAt: state.at };
    await emit(tx, caller, [
      {
        type: 'transfer.settled',
        data: { ...movement, personId, walletId, counterpartyId: recipientId, balanceAfter: posted.balances.get(walletId)!.posted },
      },
      {
        type: 'transfer.received',
        data: {
          ...movement, personId: recipientId, walletId: recipientWalletId!, counterpartyId: personId,
          balanceAfter: posted.balances.get(recipientWalletId!)!.posted,
        },
      },
    ]);
    return { ok: true };
  }

  private async walletOf(tx: Tx, personId: string, currency: string): Promise<string | undefined> {
    const [row] = await tx.query(
      `/* transfers.recipient */ SELECT id FROM account WHERE "ownerId" = $1 AND asset = $2 AND purpose = 'WALLET'`,
      [personId, currency],
    );
    return row?.id;
  }
}
