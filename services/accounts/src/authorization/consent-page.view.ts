import { createHash } from 'node:crypto';
import { STYLE } from './consent-page.style';
import { type PageTexts, pageTexts } from './consent-page.texts';

/** A page as it is sent. */
export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the page shows of a request. */
export interface PageRequest {
  readonly partnerName: string;
  readonly scopes: readonly string[];
  readonly days: number;
  readonly until: Date;
  readonly redirectUri: string;
}

export interface PageWallet {
  readonly id: string;
  readonly currency: string;
}

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const text = (given: string): string => given.replace(/[&<>"']/g, (one) => ENTITIES[one]!);

/** No script, nothing from elsewhere, in no frame. `form-action` holds for where the answer is sent on to, too. */
function headers(redirectUri: string | undefined, lang: string): Record<string, string> {
  const back = redirectUri === undefined ? '' : ` ${new URL(redirectUri).origin}`;
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-language': lang,
    'content-security-policy':
      `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'${back}; frame-ancestors 'none'; base-uri 'none'`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
    vary: 'accept-language',
  };
}

function page(texts: PageTexts, { title, body, redirectUri }: { title: string; body: string; redirectUri?: string }): Page {
  const html = `<!doctype html>
<html lang="${texts.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${text(title)} · Tael</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="brand">Tael</p>
${body}
</main>
</body>
</html>
`;
  return { html, headers: headers(redirectUri, texts.lang) };
}

const alert = (message: string | undefined): string => (message === undefined ? '' : `<p class="alert" role="alert" id="problem">${text(message)}</p>`);

function terms(texts: PageTexts, request: PageRequest, timeZone: string): string {
  const what = request.scopes
    .map((scope) => texts.scopes[scope])
    .map((said) => (said ? `<li><strong>${text(said.term)}</strong>: ${text(said.detail)}</li>` : ''))
    .join('\n');
  const date = new Intl.DateTimeFormat(texts.lang, { dateStyle: 'long', timeZone }).format(request.until);
  return `<h1>${text(texts.title(request.partnerName))}</h1>
<p>${text(texts.lead(request.partnerName))}</p>
<h2>${text(texts.what)}</h2>
<ul>
${what}
</ul>
<p>${text(texts.never)}</p>
<h2>${text(texts.howLong)}</h2>
<p>${text(texts.until(request.days, date))}</p>
<h2>${text(texts.howToWithdraw)}</h2>
<p>${text(texts.withdraw)}</p>`;
}

const backNote = (texts: PageTexts, { redirectUri }: PageRequest): string =>
  `<p class="note">${text(texts.back(new URL(redirectUri).host))}</p>`;

const refusal = (texts: PageTexts): string => `<form method="post" class="alone">
<button name="step" value="refuse">${text(texts.refuse)}</button>
</form>`;

/** The page before anybody has signed in. */
export function signInPage(locale: string, request: PageRequest, given: { email?: string | undefined; problem?: string | undefined } = {}): Page {
  const texts = pageTexts(locale);
  const wrong = given.problem === undefined ? '' : ' aria-invalid="true" aria-describedby="problem"';
  const body = `${terms(texts, request, 'UTC')}
<section aria-labelledby="sign-in">
<h2 id="sign-in">${text(texts.signInHeading)}</h2>
<p>${text(texts.signInLead)}</p>
${alert(given.problem)}
<form method="post">
<label for="email">${text(texts.email)}</label>
<input id="email" name="email" type="email" autocomplete="username" required maxlength="254" value="${text(given.email ?? '')}"${wrong}>
<label for="password">${text(texts.password)}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="256"${wrong}>
<button name="step" value="sign-in">${text(texts.signIn)}</button>
</form>
${refusal(texts)}
${backNote(texts, request)}
</section>`;
  return page(texts, { title: texts.title(request.partnerName), body, redirectUri: request.redirectUri });
}

/** The page for somebody with a second factor, once the password was right. */
export function codePage(locale: string, request: PageRequest, given: { challenge: string; problem?: string | undefined }): Page {
  const texts = pageTexts(locale);
  const wrong = given.problem === undefined ? '' : ' aria-invalid="true"';
  const body = `${terms(texts, request, 'UTC')}
<section aria-labelledby="second-step">
<h2 id="second-step">${text(texts.codeHeading)}</h2>
${alert(given.problem)}
<form method="post">
<input type="hidden" name="challenge" value="${text(given.challenge)}">
<label for="code">${text(texts.code)}</label>
<input id="code" name="code" autocomplete="one-time-code" autocapitalize="off" spellcheck="false" required maxlength="64" autofocus
 aria-describedby="code-hint${given.problem === undefined ? '' : ' problem'}"${wrong}>
<p class="note" id="code-hint">${text(texts.codeHint)}</p>
<button name="step" value="code">${text(texts.go)}</button>
</form>
${refusal(texts)}
${backNote(texts, request)}
</section>`;
  return page(texts, { title: texts.title(request.partnerName), body, redirectUri: request.redirectUri });
}

/** The page that asks. Nothing is chosen beforehand, but where there is one wallet alone. */
export function consentPage(
  locale: string, request: PageRequest,
  person: { displayName: string; timeZone: string; wallets: readonly PageWallet[]; problem?: string | undefined },
): Page {
  const texts = pageTexts(locale);
  const names = new Intl.DisplayNames([texts.lang], { type: 'currency' });
  const checked = person.wallets.length === 1 ? ' checked' : '';
  const wallets = person.wallets.map(({ id, currency }) => {
    const said = `${texts.wallet(names.of(currency) ?? currency)} (${currency})`;
    return `<label class="choice"><input type="checkbox" name="wallet" value="${text(id)}"${checked}> <span>${text(said)}</span></label>`;
  });
  const body = `${terms(texts, request, person.timeZone)}
<form method="post">
<fieldset${person.problem === undefined ? '' : ' aria-describedby="problem"'}>
<legend>${text(texts.wallets)}</legend>
<p>${text(texts.chooseWallets)}</p>
${alert(person.problem)}
${wallets.join('\n')}
</fieldset>
<p class="note">${text(texts.signedInAs(person.displayName))}</p>
<div class="answers">
<button name="step" value="allow">${text(texts.allow)}</button>
<button name="step" value="refuse">${text(texts.refuse)}</button>
</div>
</form>
${backNote(texts, request)}`;
  return page(texts, { title: texts.title(request.partnerName), body, redirectUri: request.redirectUri });
}

/** The page for a request that is over or was answered. */
export function overPage(locale: string | undefined): Page {
  const texts = pageTexts(locale);
  return page(texts, { title: texts.overTitle, body: `<h1>${text(texts.overTitle)}</h1>\n<p>${text(texts.over)}</p>` });
}

/** The page for what cannot be sent back to the bank. The code is for whoever the person asks for help. */
export function errorPage(language: string | undefined, code: string): Page {
  const texts = pageTexts(language);
  if (code === 'invalid_request_uri' || code === 'invalid_request') {
    return page(texts, { title: texts.overTitle, body: `<h1>${text(texts.overTitle)}</h1>\n<p>${text(texts.over)}</p>\n<p class="note"><code>${text(code)}</code></p>` });
  }
  return page(texts, { title: texts.faultTitle, body: `<h1>${text(texts.faultTitle)}</h1>\n<p>${text(texts.fault)}</p>\n<p class="note"><code>${text(code)}</code></p>` });
}
