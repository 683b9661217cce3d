/** Why a session ended: a refresh token came twice, its own device signed out, its owner ended it, or changed the password. */
export type SessionEnd = 'REUSE' | 'SIGNED_OUT' | 'ENDED_BY_OWNER' | 'PASSWORD_CHANGED';
