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

/** No script, nothing from elsewhere, in no frame, and forms to ourselves alone. */
function headers(lang: string): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-language': lang,
    'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
    vary: 'accept-language',
  };
}

interface Content {
  readonly title: string;
  readonly body: string;
  /** Where the browser goes on to by itself. */
  readonly next?: string | undefined;
}

function page(texts: PageTexts, { title, body, next }: Content): Page {
  const html = `<!doctype html>
<html lang="${texts.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${next === undefined ? '' : `<meta http-equiv="refresh" content="0;url=${text(next)}">\n`}<title>${text(title)} · Tael</title>
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
  return { html, headers: headers(texts.lang) };
}

/** A title is what a screen reader says first: it tells that the page came back for a reason. */
const titleOf = (texts: PageTexts, { partnerName }: PageRequest, problem: string | undefined): string =>
  problem === undefined ? texts.title(partnerName) : texts.problemTitle(texts.title(partnerName));

const alert = (message: string | undefined): string => (message === undefined ? '' : `<p class="alert" role="alert" id="problem">${text(message)}</p>`);

function terms(texts: PageTexts, request: PageRequest, timeZone: string): string {
  const what = request.scopes
    .map((scope) => texts.scopes[scope])
    .map((said) => (said ? `<li><strong>${text(said.term)}</strong>${text(texts.colon)}${text(said.detail)}</li>` : ''))
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
  const { email, problem } = given;
  const wrong = `${email === undefined ? '' : ' aria-invalid="true"'}${problem === undefined ? '' : ' aria-describedby="problem"'}`;
  // The form is below the fold: who comes back to it finds the place, and hears what was wrong.
  const focus = (isHere: boolean): string => (problem !== undefined && isHere ? ' autofocus' : '');
  const body = `${terms(texts, request, 'UTC')}
<section aria-labelledby="sign-in">
<h2 id="sign-in">${text(texts.signInHeading)}</h2>
<p>${text(texts.signInLead)}</p>
${alert(problem)}
<form method="post">
<label for="email">${text(texts.email)}</label>
<input id="email" name="email" type="email" autocomplete="username" required maxlength="254" value="${text(email ?? '')}"${focus(!email)}${wrong}>
<label for="password">${text(texts.password)}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="256"${focus(Boolean(email))}${wrong}>
<button name="step" value="sign-in" class="go">${text(texts.signIn)}</button>
</form>
${refusal(texts)}
${backNote(texts, request)}
</section>`;
  return page(texts, { title: titleOf(texts, request, problem), body });
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
<button name="step" value="code" class="go">${text(texts.go)}</button>
</form>
${refusal(texts)}
<p><a href="">${text(texts.startOver)}</a></p>
${backNote(texts, request)}
</section>`;
  return page(texts, { title: titleOf(texts, request, given.problem), body });
}

interface Asked {
  readonly displayName: string;
  readonly timeZone: string;
  readonly wallets: readonly PageWallet[];
  /** What was chosen when the page was sent and came back. */
  readonly chosen: readonly string[];
  readonly problem?: string | undefined;
}

function choices(texts: PageTexts, { wallets, chosen, problem }: Asked): string {
  const names = new Intl.DisplayNames([texts.lang], { type: 'currency' });
  return wallets.map(({ id, currency }, index) => {
    const said = `${texts.wallet(names.of(currency) ?? currency)} (${currency})`;
    const checked = wallets.length === 1 || chosen.includes(id) ? ' checked' : '';
    const focus = problem !== undefined && index === 0 ? ' autofocus' : '';
    return `<label class="choice"><input type="checkbox" name="wallet" value="${text(id)}"${checked}${focus}> <span>${text(said)}</span></label>`;
  }).join('\n');
}

/**
 * The page that asks. Nothing is chosen beforehand, but where there is one wallet alone. The first button is nobody's to see: browsers
 * press it where Enter is struck on a wallet, and that must not be a yes.
 */
export function consentPage(locale: string, request: PageRequest, asked: Asked): Page {
  const texts = pageTexts(locale);
  const isAsked = asked.wallets.length > 0;
  const body = `${terms(texts, request, asked.timeZone)}
<form method="post">
<button name="step" value="look" hidden></button>
<fieldset${asked.problem === undefined ? '' : ' aria-describedby="problem"'}>
<legend>${text(texts.wallets)}</legend>
<p>${text(isAsked ? texts.chooseWallets : texts.hasNoWallet)}</p>
${alert(asked.problem)}
${choices(texts, asked)}
</fieldset>
<p class="note">${text(texts.signedInAs(asked.displayName))}</p>
<div class="answers">
${isAsked ? `<button name="step" value="allow">${text(texts.allow)}</button>` : ''}
<button name="step" value="refuse">${text(texts.refuse)}</button>
</div>
</form>
${backNote(texts, request)}`;
  return page(texts, { title: titleOf(texts, request, asked.problem), body });
}

/**
 * Sends a browser on once the person has answered. A redirect would be one of the form, and browsers hold all that follow to
 * `form-action`, those within the bank too: this is a visit of its own.
 */
export function leavingPage(locale: string, { redirectUri }: Pick<PageRequest, 'redirectUri'>, returnTo: string): Page {
  const texts = pageTexts(locale);
  const { pathname: next } = new URL(returnTo);
  const body = `<h1>${text(texts.leavingTitle)}</h1>
<p>${text(texts.leaving(new URL(redirectUri).host))}</p>
<p><a href="${text(next)}">${text(texts.leave)}</a></p>`;
  return page(texts, { title: texts.leavingTitle, body, next });
}

/** The page for a request that is over or was answered. */
export function overPage(locale: string | undefined): Page {
  const texts = pageTexts(locale);
  return page(texts, { title: texts.overTitle, body: `<h1>${text(texts.overTitle)}</h1>\n<p>${text(texts.over)}</p>` });
}

const OVER = new Set(['invalid_request_uri', 'invalid_request']);
const AWAY = new Set(['server_error', 'temporarily_unavailable']);

/** The page for what cannot be sent back to the bank. The code is for whoever the person asks for help. */
export function errorPage(language: string | undefined, code: string): Page {
  const texts = pageTexts(language);
  const note = `<p class="note"><code>${text(code)}</code></p>`;
  const of = (title: string, said: string, more = ''): Page =>
    page(texts, { title, body: `<h1>${text(title)}</h1>\n<p>${text(said)}</p>\n${more}${note}` });
  if (OVER.has(code)) return of(texts.overTitle, texts.over);
  // By GET, whatever was sent: nothing that was typed goes out a second time unseen.
  if (AWAY.has(code)) return of(texts.awayTitle, texts.away, `<p><a href="">${text(texts.again)}</a></p>\n`);
  return of(texts.faultTitle, texts.fault);
}
