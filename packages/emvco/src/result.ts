/** Why a payload is refused. */
export type QrFault =
  /** No text of 1 to 512 characters of objects that follow each other without a gap. */
  | 'MALFORMED'
  | 'CHECKSUM'
  /** An object comes twice. */
  | 'DUPLICATE'
  /** An object that must be there is not. */
  | 'MISSING'
  /** An object has another form than the specification gives it. */
  | 'FORM'
  /** It asks for something that Tael cannot do, such as a tip. */
  | 'UNSUPPORTED'
  /** A code of another scheme. */
  | 'NOT_OURS';

export type Result<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly fault: QrFault };

export const refused = (fault: QrFault): { readonly ok: false; readonly fault: QrFault } => ({ ok: false, fault });
