// RFC 6238 with what every authenticator app knows: HMAC-SHA-1, 30 seconds, six digits.
export const STEP_SECONDS = 30;
export const SECRET_BYTES = 20;
const DIGITS = 6;

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Gives the time step of an instant: the counter that code and secret are made of. */
export function stepOf(at: Date): number {
  return Math.floor(at.getTime() / 1_000 / STEP_SECONDS);
}

/** Gives the code of a step's HMAC (RFC 4226, 5.3): four bytes at the place that the last byte names, without their sign. */
export function codeOf(mac: Uint8Array, digits: number = DIGITS): string {
  const offset = mac[mac.length - 1]! & 15;
  const value = [0, 1, 2, 3].reduce((sum, index) => sum * 256 + mac[offset + index]!, 0) % 2 ** 31;
  return String(value % 10 ** digits).padStart(digits, '0');
}

/**
 * Gives the step whose code was brought, or undefined: the present one or a neighbour, since clocks differ, and never one
 * that is not after the last that was taken. All three are compared always, so the time tells nothing.
 */
export function acceptedStep(now: Date, lastStep: number, matches: (step: number) => boolean): number | undefined {
  const present = stepOf(now);
  const fitting = [present - 1, present, present + 1].map((step) => (matches(step) ? step : -1));
  return fitting.find((step) => step > lastStep && step >= 0);
}

/** Writes bytes in base32 (RFC 4648) without padding, as people type a secret into an app. */
export function toBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((group) => BASE32[parseInt(group.padEnd(5, '0'), 2)]).join('');
}

/** Reads what {@link toBase32} wrote. */
export function fromBase32(text: string): Uint8Array {
  const bits = [...text].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Uint8Array.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

/** Gives what a QR code of an authenticator app holds. */
export function otpauthUri(secret: string, account: string): string {
  const label = `Tael:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=Tael&algorithm=SHA1&digits=${DIGITS}&period=${STEP_SECONDS}`;
}

/** Gives the six digits that somebody typed, with blanks as apps show them, or undefined where it is no such code. */
export function readTotpCode(text: string): string | undefined {
  if (text.length > 32) return undefined;
  const digits = text.replace(/\s/g, '');
  return /^[0-9]{6}$/.test(digits) ? digits : undefined;
}
