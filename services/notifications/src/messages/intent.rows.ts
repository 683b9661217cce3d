import type { Tx } from '@tael/platform/postgres';
import type { GateStep } from './gate.domain';
import type { Intent } from './message.service';

/** An intent as it is first written. */
export interface IntentRow extends Intent {
  readonly dedupeKey: string;
  /** Why this person gets it, for an offer; begins its trace. */
  readonly because: string | null;
  /** The span of the event that asked for it, where traces are told. */
  readonly traceparent: string | null;
}

/** What a look at an intent came to. */
export interface Settled {
  readonly intent: Intent;
  readonly status: 'OPEN' | 'SENT' | 'DROPPED';
  readonly reason: string | null;
  /** When to look again; null leaves it as it is. */
  readonly dueAt: Date | null;
  /** What the gates said, for the trace; null where none was asked. */
  readonly step: { readonly at: Date; readonly verdict: string; readonly steps: readonly GateStep[] } | null;
}

const TRACE_MAX = 10;

interface Raised {
  readonly intent: IntentRow;
  /** What came of it at once; undefined: it waits for the worker. */
  readonly outcome: Settled | undefined;
}

function traceOf({ intent, outcome }: Raised, now: Date): object[] {
  const raised = { at: now, verdict: 'RAISED', steps: [{ gate: 'HABIT', said: intent.because }] };
  return [...(intent.because ? [raised] : []), ...(outcome?.step ? [outcome.step] : [])];
}

/** Writes intents in one statement, each once for its dedupe key. Gives the ids of those that are new. */
export async function insertIntents(tx: Tx, raised: readonly Raised[], now: Date): Promise<Set<string>> {
  // In one order, so that two transactions with the same keys cannot wait for each other in a circle.
  const rows: { id: string }[] = await tx.query(
    `/* message.raise */ INSERT INTO intent (id, "dedupeKey", "personId", class, template, facts, "transactionId",
       "merchantId", "counterpartyId", "campaignId", status, reason, "dueAt", "validUntil", "nameBy", attempts, trace,
       "createdAt", traceparent)
     SELECT i.id, i.key, i.person, i.class, i.template, i.facts, i.transaction, i.merchant, i.counterparty, i.campaign,
       i.status, i.reason, coalesce(i.due, $17), i.valid, i.name_by, i.attempts, i.trace, $17, i.traceparent
     FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::jsonb[], $7::uuid[], $8::uuid[],
       $9::uuid[], $10::uuid[], $11::text[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::timestamptz[],
       $16::integer[], $18::jsonb[], $19::text[])
       AS i (id, key, person, class, template, facts, transaction, merchant, counterparty, campaign, status, reason, due,
         valid, name_by, attempts, trace, traceparent)
     ORDER BY i.key ON CONFLICT ("dedupeKey") DO NOTHING RETURNING id`,
    [
      raised.map(({ intent }) => intent.id),
      raised.map(({ intent }) => intent.dedupeKey),
      raised.map(({ intent }) => intent.personId),
      raised.map(({ intent }) => intent.class),
      raised.map(({ intent }) => intent.template),
      raised.map(({ intent }) => JSON.stringify(intent.facts)),
      raised.map(({ intent }) => intent.transactionId),
      raised.map(({ intent }) => intent.merchantId),
      raised.map(({ intent }) => intent.counterpartyId),
      raised.map(({ intent }) => intent.campaignId),
      raised.map(({ outcome }) => outcome?.status ?? 'OPEN'),
      raised.map(({ outcome }) => outcome?.reason ?? null),
      raised.map(({ outcome }) => outcome?.dueAt ?? null),
      raised.map(({ intent }) => intent.validUntil),
      raised.map(({ intent }) => intent.nameBy),
      raised.map(({ outcome }) => (outcome ? 1 : 0)),
      now,
      raised.map((one) => JSON.stringify(traceOf(one, now))),
      raised.map(({ intent }) => intent.traceparent),
    ],
  );
  return new Set(rows.map((row) => row.id));
}

/** Keeps what came of further looks at intents that stand already. */
export async function updateIntents(tx: Tx, settled: readonly Settled[]): Promise<void> {
  await tx.query(
    `/* message.decide */ UPDATE intent SET status = s.status, reason = s.reason, "dueAt" = coalesce(s.due, "dueAt"),
       attempts = attempts + 1,
       trace = jsonb_path_query_array(trace || s.steps, '$[last - ${TRACE_MAX - 1} to last]')
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::jsonb[]) AS s (id, status, reason, due, steps)
     WHERE intent.id = s.id AND intent.id = ANY ($1::uuid[])`,
    [
      settled.map(({ intent }) => intent.id),
      settled.map(({ status }) => status),
      settled.map(({ reason }) => reason),
      settled.map(({ dueAt }) => dueAt),
      settled.map(({ step }) => JSON.stringify(step ? [step] : [])),
    ],
  );
}
