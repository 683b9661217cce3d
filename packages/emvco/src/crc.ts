const POLYNOMIAL = 0x1021;

/** Gives the checksum of a text in UTF-8 as four capital hexadecimal digits: CRC-16/CCITT-FALSE, as ISO/IEC 13239 begins it. */
export function crc16(text: string): string {
  let crc = 0xffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x8000 ? POLYNOMIAL : 0)) & 0xffff;
  }
  return crc.toString(16).toUpperCase().padStart(4, '0');
}
