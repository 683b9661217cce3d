import type { DeliveryStatus, DisabledReason, EndpointStatus, OwnerKind } from './webhook.domain';

/** Who is asking: a person, or a partner bank. */
export type Asker =
  | { readonly kind: 'PERSON'; readonly personId: string; readonly isOperator: boolean; /** Why an operator changes something. */ readonly reason?: string | undefined }
  | { readonly kind: 'PARTNER'; readonly partnerId: string; readonly clientId: string };

export interface WebhookKeyView {
  readonly publicKey: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}

/** An endpoint as the API shows it. */
export interface WebhookEndpointView {
  readonly id: string;
  readonly ownerKind: OwnerKind;
  readonly ownerId: string;
  readonly url: string;
  readonly host: string;
  readonly description: string;
  readonly eventTypes: string[];
  readonly status: EndpointStatus;
  readonly disabledReason: DisabledReason | null;
  readonly createdAt: Date;
  readonly keys: WebhookKeyView[];
}

/** A message as the API shows it. */
export interface WebhookDeliveryView {
  readonly id: string;
  readonly endpointId: string;
  readonly eventType: string;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly responseStatus: number | null;
  readonly responseExcerpt: string | null;
  readonly reason: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** $1, $2 and $3 of {@link OWNED}. */
export function askerValues(asker: Asker): [string | null, boolean, string | null] {
  return asker.kind === 'PERSON' ? [asker.personId, asker.isOperator, null] : [null, false, asker.partnerId];
}

/** Which endpoints somebody may see and change: a merchant's owners, managers and operators those of the merchant, a partner its own. */
export const OWNER_IS = `(
  (e."ownerKind" = 'MERCHANT' AND ($2::boolean OR EXISTS (
    SELECT FROM merchant_person p WHERE p."merchantId" = e."ownerId" AND p."personId" = $1::uuid AND p.role IN ('OWNER', 'MANAGER'))))
  OR (e."ownerKind" = 'PARTNER' AND e."ownerId" = $3::uuid))`;
export const OWNED = `e."deletedAt" IS NULL AND ${OWNER_IS}`;
/** Which endpoints somebody may look at: operators a bank's too, which they cannot change. */
export const SEEN = `e."deletedAt" IS NULL AND ($2::boolean OR ${OWNER_IS})`;

export const ENDPOINT_COLUMNS = `e.id, e."ownerKind", e."ownerId", e.url, e.host, e.description, e."eventTypes", e.status,
  e."disabledReason", e."createdAt", (
    SELECT json_agg(json_build_object('publicKey', k."publicKey", 'createdAt', k."createdAt", 'expiresAt', k."expiresAt")
      ORDER BY k."createdAt" DESC, k.id DESC)
    FROM webhook_key k WHERE k."endpointId" = e.id AND (k."expiresAt" IS NULL OR k."expiresAt" > $4::timestamptz)) AS keys`;

export const DELIVERY_COLUMNS = `d.id, d."endpointId", d."eventType", d.status, d.attempts, d."responseStatus", d."responseExcerpt",
  d.reason, d."createdAt", d."updatedAt"`;

type EndpointRow = Omit<WebhookEndpointView, 'keys'> & {
  readonly keys: readonly { publicKey: string; createdAt: string; expiresAt: string | null }[] | null;
};

/** Gives an endpoint as it is shown: times within JSON are text. */
export function endpointView({ keys, ...row }: EndpointRow): WebhookEndpointView {
  return {
    ...row,
    keys: (keys ?? []).map(({ publicKey, createdAt, expiresAt }) => ({
      publicKey, createdAt: new Date(createdAt), expiresAt: expiresAt === null ? null : new Date(expiresAt),
    })),
  };
}
