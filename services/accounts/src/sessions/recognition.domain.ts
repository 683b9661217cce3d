/** What a client shows of its device: a mark that it brought, one that it only now gets, or none at a door that keeps no marks. */
export type Showing = 'BROUGHT' | 'GIVEN' | 'NONE';

/** A device of a person, as compared with the one that comes. */
export interface ComparedDevice {
  readonly id: string;
  /** Its mark was brought back once: who has none is not it. */
  readonly keepsMark: boolean;
  readonly isMark: boolean;
  readonly isKind: boolean;
  readonly isNetwork: boolean;
}

export interface Recognition {
  /** The very device, by its mark. */
  readonly deviceId: string | null;
  readonly isNew: boolean;
  /** Whether it is to be kept as one more device. */
  readonly isKept: boolean;
}

/**
 * Says whether a person has come with this device before. By its mark, if it brought one. A client without a mark is known
 * where its kind came from the same network, but not as a device that keeps its mark; a door that keeps none cannot tell.
 * `isOldKind`: its kind was known before there were marks, and no device of it has come since.
 */
export function recognise(showing: Showing, devices: readonly ComparedDevice[], isOldKind: boolean): Recognition {
  const same = showing === 'BROUGHT' ? devices.find(({ isMark }) => isMark) : undefined;
  if (same) return { deviceId: same.id, isNew: false, isKept: false };
  const alike = devices.filter(({ isKind, isNetwork }) => isKind && isNetwork);
  if (showing === 'NONE') {
    const isNew = !isOldKind && alike.length === 0;
    return { deviceId: null, isNew, isKept: isNew };
  }
  const isKnown = isOldKind || (showing === 'GIVEN' && alike.some(({ keepsMark }) => !keepsMark));
  return { deviceId: null, isNew: !isKnown, isKept: true };
}

/** So many devices are kept of a person; nobody uses more, and whoever has the password must not fill the table. */
export const DEVICES_MAX = 20;
