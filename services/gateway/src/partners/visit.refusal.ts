import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Logger } from '@tael/platform/log';
import { localeOf } from '../callers/caller.domain';
import { HttpRefusal } from '../http/http.errors';

interface Said {
  readonly title: string;
  readonly text: string;
}

interface Texts {
  readonly lang: string;
  /** For whoever asks too often or comes while nobody answers: the same again is right. */
  readonly away: Said;
  /** For whoever comes by another way than the bank's. */
  readonly refused: Said;
  readonly again: string;
  readonly reference: string;
}

const EN: Texts = {
  lang: 'en',
  away: { title: 'Tael cannot answer right now', text: 'Try again in a moment. If it stays like this, go back to your bank and begin again.' },
  refused: { title: 'This page cannot be opened like this', text: 'Nothing was shown to anybody. Go back to your bank and begin again.' },
  again: 'Try again',
  reference: 'Reference',
};

const ZH: Texts = {
  lang: 'zh-CN',
  away: { title: 'Tael 暂时无法响应', text: '请稍后重试。如果问题持续，请返回您的银行重新开始。' },
  refused: { title: '无法以此方式打开此页面', text: '未向任何人展示任何内容。请返回您的银行重新开始。' },
  again: '重试',
  reference: '编号',
};

const STYLE =
  ':root{color-scheme:light dark}body{margin:0 auto;max-width:34rem;padding:1.5rem 1.25rem;font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans SC",sans-serif;overflow-wrap:anywhere}' +
  'a{display:inline-block;color:inherit}';
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'`;

/**
 * Tells a person why the page that they came for is not shown. The page that asks for a consent is accounts'; this is for when that
 * is not reached, since a person can do nothing with the door's JSON.
 */
export function writeVisitRefusal(
  response: ServerResponse, error: unknown, { reference, acceptLanguage, log }: { reference: string; acceptLanguage: string | undefined; log: Logger },
): void {
  if (!(error instanceof HttpRefusal)) log.error({ error, reference }, 'a visit failed at the door');
  if (response.destroyed || response.headersSent) return;
  const { status, headers } = error instanceof HttpRefusal ? error : { status: 500, headers: {} };
  const texts = /^zh\b/i.test(localeOf(undefined, acceptLanguage)) ? ZH : EN;
  const isAway = status >= 429;
  const { title, text } = isAway ? texts.away : texts.refused;
  const html = `<!doctype html>
<html lang="${texts.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Tael</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${text}</p>
${isAway ? `<p><a href="">${texts.again}</a></p>` : ''}
<p>${texts.reference}: <code>${reference.replace(/[^\w-]/g, '')}</code></p>
</main>
</body>
</html>
`;
  response.writeHead(status, {
    ...headers, 'content-type': 'text/html; charset=utf-8', 'content-language': texts.lang, 'content-length': Buffer.byteLength(html), vary: 'accept-language',
    'content-security-policy': POLICY, 'referrer-policy': 'no-referrer', 'cache-control': 'no-store',
  }).end(html);
}
