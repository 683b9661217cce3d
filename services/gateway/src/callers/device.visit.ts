import type { DeviceMark } from '@tael/platform/identity';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { broughtMark, DEVICE_HEADER, deviceCookie, isFromPage, MARK_BYTES } from './device-mark.domain';

/** One request, as far as the mark of its client's device goes. */
export interface DeviceVisit {
  /** Gives the mark that the client brought, or makes the one that it will get. */
  mark(): DeviceMark;
  /** Has the client keep the mark that it brought or that was made, from now on; nothing where there is none. */
  keep(response: ServerResponse): void;
}

/** Looks at the device of a request. Only who is no page in a browser sees the mark itself. */
export function visitOf({ headers }: IncomingMessage, isSecure: boolean): DeviceVisit {
  const brought = broughtMark(headers, isSecure);
  let mark = brought;
  return {
    mark() {
      mark ??= randomBytes(MARK_BYTES).toString('base64url');
      return { mark, brought: brought !== undefined };
    },
    keep(response) {
      if (mark === undefined) return;
      response.setHeader('set-cookie', deviceCookie(mark, isSecure));
      if (!isFromPage(headers)) response.setHeader(DEVICE_HEADER, mark);
    },
  };
}
