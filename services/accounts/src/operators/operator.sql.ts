import { withWords } from '../ledger/closed-list.sql';

/** Who has the role, among all people there are. */
export const OPERATORS = { name: 'person_operators', definition: `ON person (id) WHERE 'OPERATOR' = ANY (roles)` };

/** Sessions that end with the role, and requests that are taken back by nobody because who asked has lost it. */
export const REVOKED_ROLES = `
  ${withWords({ table: 'session', column: 'endReason', constraint: 'session_end_reason' }, ['ROLE_REVOKED'])}
  ALTER TABLE approval DROP CONSTRAINT approval_state, ADD CONSTRAINT approval_state CHECK (("resultId" IS NOT NULL) = (status = 'EXECUTED') AND CASE status
    WHEN 'REQUESTED' THEN "decidedBy" IS NULL AND "decidedAt" IS NULL AND "decisionReason" IS NULL
    WHEN 'EXPIRED' THEN "decidedBy" IS NULL AND "decidedAt" >= "expiresAt" AND "decisionReason" IS NULL
    WHEN 'CANCELLED' THEN "decidedAt" < "expiresAt" AND "decisionReason" IS NOT NULL
    WHEN 'REJECTED' THEN "decidedBy" IS NOT NULL AND "decidedAt" < "expiresAt" AND "decisionReason" IS NOT NULL
    WHEN 'EXECUTED' THEN "decidedBy" IS NOT NULL AND "decidedAt" < "expiresAt" AND "decisionReason" IS NOT NULL
    ELSE false END) NOT VALID;
`;

export const REVOKED_ROLES_VALIDATIONS = `
  ALTER TABLE session VALIDATE CONSTRAINT session_end_reason;
  ALTER TABLE approval VALIDATE CONSTRAINT approval_state;
`;
