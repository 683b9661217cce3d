/** What a user agent says of itself, in words of this file alone: nothing that a client writes is shown or kept. */
export interface Device {
  readonly browser: string;
  readonly platform: string;
}

// The first that fits: browsers name those that they descend from as well.
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bTael\//, 'Tael app'],
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\b(OPR|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
  [/^(node|undici)\b/i, 'Node.js'],
];

const PLATFORMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\b(Macintosh|Mac OS X)\b/, 'Mac'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

export const UNKNOWN_BROWSER = 'Unknown app';
export const UNKNOWN_PLATFORM = 'unknown device';

/** Names the device behind a user agent. Versions are left out: an update is no new device. */
export function deviceOf(userAgent: string | undefined): Device {
  const text = userAgent?.slice(0, 512) ?? '';
  return {
    browser: BROWSERS.find(([pattern]) => pattern.test(text))?.[1] ?? UNKNOWN_BROWSER,
    platform: PLATFORMS.find(([pattern]) => pattern.test(text))?.[1] ?? UNKNOWN_PLATFORM,
  };
}

/** Writes a device for its owner, e.g. "Chrome on Windows". */
export function deviceName(device: Device): string {
  return `${device.browser} on ${device.platform}`;
}

/** Gives what attempts are counted by: an IPv4 address itself, of an IPv6 address the /64, since whoever has one has all of them. */
export function attemptSubject(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('%')[0]!.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail?.split(':').filter(Boolean) ?? [];
  const zeros = Array<string>(tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)).fill('0');
  const groups = [...left, ...zeros, ...right].slice(0, 4);
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}

/** Gives the network of an address: enough for its owner to know the place, too little to find a person by. */
export function networkOf(address: string): string | null {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}$/.exec(address);
  if (v4) return `${v4[1]}.${v4[2]}.${v4[3]}.0/24`;
  if (!/^[0-9a-f:]+$/i.test(address) || !address.includes(':')) return null;
  const [head = ''] = address.toLowerCase().split('::');
  const groups = head.split(':').filter(Boolean).slice(0, 3);
  while (groups.length < 3) groups.push('0');
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/48`;
}
