/** Why a session ended: a refresh token came twice, its own device signed out, its owner ended it, changed the password, or lost the role of an operator. */
export type SessionEnd = 'REUSE' | 'SIGNED_OUT' | 'ENDED_BY_OWNER' | 'PASSWORD_CHANGED' | 'ROLE_REVOKED' | 'ENDED_BY_OPERATOR';
