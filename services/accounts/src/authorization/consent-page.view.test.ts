import { STYLE } from './consent-page.style';
import { codePage, consentPage, errorPage, leavingPage, type Page, type PageRequest, signInPage } from './consent-page.view';

const request: PageRequest = {
  partnerName: 'Nordbank', scopes: ['wallets:read', 'transactions:read'], days: 30, until: new Date('2026-12-24T12:00:00Z'), redirectUri: 'https://nordbank.example/back',
};
const wallets = [{ id: 'one', currency: 'USD' }, { id: 'two', currency: 'EUR' }];
const asked = { displayName: 'Ada', timeZone: 'UTC', wallets, chosen: [] };
const titleOf = ({ html }: Page): string => /<title>(.*)<\/title>/.exec(html)![1]!;
const focused = ({ html }: Page): string[] => [...html.matchAll(/<input[^>]*autofocus[^>]*>/g)].map(([tag]) => /(?:id|value)="([^"]*)"/.exec(tag)![1]!);

describe('a page that comes back with a problem', () => {
  const problem = 'Mail address or password is wrong.';
  it.each<[string, Page, string]>([
    ['sign-in', signInPage('en', request, { email: 'ada@example.org', problem }), 'password'],
    ['sign-in without an address', signInPage('en', request, { email: '', problem }), 'email'],
    ['the code', codePage('en', request, { challenge: 'c', problem }), 'code'],
    ['the wallets', consentPage('en', request, { ...asked, problem }), 'one'],
  ])('says so first, and is where it is to be mended: %s', (_what, page, field) => {
    expect(titleOf(page)).toBe('Please check: Nordbank asks to see your data · Tael');
    expect(page.html).toContain(`<p class="alert" role="alert" id="problem">${problem}</p>`);
    expect(focused(page)).toEqual([field]);
  });

  it('keeps the wallets that were chosen', () => {
    const { html } = consentPage('en', request, { ...asked, chosen: ['two'], problem });
    expect(html).toMatch(/value="two" checked/);
    expect(html).not.toMatch(/value="one" checked/);
  });

  it('leads out of a challenge that is over', () => {
    expect(codePage('en', request, { challenge: 'c', problem }).html).toContain('<a href="">Start over with mail address and password</a>');
  });
});

it('V6.2.6: masks what is typed as a password, and no page gives one back', () => {
  const { html } = signInPage('en', request, { email: 'ada@example.org', problem: 'No.' });
  const [field] = /<input[^>]*name="password"[^>]*>/.exec(html)!;
  expect(field).toContain('type="password"');
  expect(field).not.toContain('value=');
});

it('begins at the top where nothing is wrong', () => {
  expect([signInPage('en', request), consentPage('en', request, asked)].flatMap(focused)).toEqual([]);
});

it('takes Enter on a wallet for no answer: the button that browsers then press is neither yes nor no', () => {
  const { html } = consentPage('en', request, asked);
  expect(/<button[^>]*>/.exec(html)![0]).toBe('<button name="step" value="look" hidden>');
});

it('offers no yes where there is nothing to see', () => {
  const { html } = consentPage('en', request, { ...asked, wallets: [] });
  expect(html).not.toContain('value="allow"');
  expect(html).toContain('value="refuse"');
  expect(html).toContain('You have no wallet');
});

it('leaves by a visit of its own, and by a link where browsers do not go by themselves', () => {
  const { html, headers } = leavingPage('en', request, 'https://api.tael.example/partner/oauth/authorize/abc');
  expect(html).toContain('<meta http-equiv="refresh" content="0;url=/partner/oauth/authorize/abc">');
  expect(html).toContain('<a href="/partner/oauth/authorize/abc">');
  expect(html).toContain('nordbank.example');
  expect(headers['content-security-policy']).toContain(`form-action 'self';`);
});

it.each([
  ['server_error', 'Tael cannot answer right now', true], ['temporarily_unavailable', 'Tael cannot answer right now', true],
  ['invalid_request_uri', 'This request is over', false], ['invalid_client', 'This request is not right', false],
])('tells a person of %s what they can do', (code, title, again) => {
  const page = errorPage('en', code);
  expect(titleOf(page)).toBe(`${title} · Tael`);
  expect(page.html.includes('Try again</a>')).toBe(again);
  expect(errorPage('zh-CN', code).html).toContain('<html lang="zh-CN">');
});

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(one: string, other: string): number {
  const luminance = (color: string): number => {
    const hex = color.length === 4 ? Array.from(color.slice(1), (digit) => digit + digit) : color.slice(1).match(/../g)!;
    const [red, green, blue] = hex.map((part) => parseInt(part, 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light! + 0.05) / (dark! + 0.05);
}

describe.each(['light', 'dark'])('in %s', (scheme) => {
  const roots = [...STYLE.matchAll(/:root \{([^}]*)\}/g)].map(([, rules]) => rules!);
  const colors = Object.fromEntries(roots[scheme === 'light' ? 0 : 1]!.split(';').flatMap((rule) => {
    const [, name, value] = /--([\w-]+): (#\w+)/.exec(rule) ?? [];
    return name ? [[name, value!]] : [];
  }));
  // 4.5 for text (1.4.3), 3 for what bounds a field or shows the focus (1.4.11).
  it.each([
    ['ink', 'sheet', 4.5], ['soft', 'sheet', 4.5], ['act', 'sheet', 4.5], ['sheet', 'act', 4.5], ['bad', 'bad-ground', 4.5], ['line', 'sheet', 3], ['bad', 'sheet', 3],
  ] as const)('%s on %s can be read', (ink, ground, least) => {
    expect(contrast(colors[ink]!, colors[ground]!)).toBeGreaterThanOrEqual(least);
  });
});
