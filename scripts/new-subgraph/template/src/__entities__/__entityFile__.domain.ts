export const LABEL_LENGTH_MAX = 80;

/** CREATED: by its owner. WELCOME: by us, one for everybody who joins. */
export type __Entity__Origin = 'CREATED' | 'WELCOME';

export interface __Entity__ {
  readonly id: string;
  readonly ownerId: string;
  readonly label: string;
  readonly origin: __Entity__Origin;
  readonly createdAt: Date;
}

export interface LabelRefusal {
  readonly code: 'INVALID_INPUT';
  readonly reason: 'EMPTY' | 'TOO_LONG' | 'CHARACTERS';
  readonly field: readonly string[];
}

export type LabelDecision =
  | { readonly ok: true; readonly label: string }
  | { readonly ok: false; readonly refusals: readonly LabelRefusal[] };

// Controls, lone surrogates, line separators, and the marks that turn the direction of text.
const UNFIT = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

function faultOf(label: string): LabelRefusal['reason'] | undefined {
  if (UNFIT.test(label)) return 'CHARACTERS';
  if (!VISIBLE.test(label)) return 'EMPTY';
  return Array.from(label).length > LABEL_LENGTH_MAX ? 'TOO_LONG' : undefined;
}

/** Decides whether a label may be used, and gives it as it is kept. */
export function decideLabel(text: string): LabelDecision {
  const label = text.normalize('NFC').trim();
  const reason = faultOf(label);
  if (reason) return { ok: false, refusals: [{ code: 'INVALID_INPUT', reason, field: ['input', 'label'] }] };
  return { ok: true, label };
}
