import type { Message } from './message.store';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Writes text so that a browser shows it and never reads it as markup. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}

const STYLE = `
  :root { color-scheme: light dark; --line: #8883; --card: Canvas; --back: #f5f4f1; --mail: #2f6f4f; --push: #8a5a12; }
  @media (prefers-color-scheme: dark) { :root { --back: #191a1c; --card: #222427; --mail: #7fce9f; --push: #e6b35c; } }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--back); font: 15px/1.5 system-ui, sans-serif; }
  main { max-width: 46rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
  h1 { font-size: 1.4rem; margin: 0; }
  header p { margin: .2rem 0 1.5rem; opacity: .7; }
  article { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
    padding: 1rem 1.2rem; margin: 0 0 .9rem; }
  article h2 { font-size: 1.05rem; margin: .3rem 0; overflow-wrap: anywhere; }
  .meta { display: flex; flex-wrap: wrap; gap: .3rem .8rem; font-size: .82rem; opacity: .85; overflow-wrap: anywhere; }
  .kind { font-weight: 600; text-transform: uppercase; letter-spacing: .05em; }
  .mail .kind { color: var(--mail); } .push .kind { color: var(--push); }
  pre { margin: .5rem 0 0; font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; }
  .clock { border-left: 3px solid var(--mail); padding-left: .8rem; opacity: .9 !important; }
  code { font-size: .85em; overflow-wrap: anywhere; }
  .empty { text-align: center; opacity: .6; padding: 4rem 0; }
`;

const minutesOf = (time: Date): string => `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Writes how far a clock was moved, in days, hours and minutes. */
export function durationOf(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  const parts = [[Math.floor(minutes / 1_440), 'd'], [Math.floor(minutes / 60) % 24, 'h'], [minutes % 60, 'min']] as const;
  return parts.flatMap(([count, unit]) => (count ? [`${count} ${unit}`] : [])).join(' ') || '0 min';
}

/** Writes the line about a clock that can be moved. */
function clockLine({ now, aheadMs }: { now: Date; aheadMs: number }): string {
  const ahead = Math.round(aheadMs / 60_000) > 0 ? `${durationOf(aheadMs)} ahead of the world outside` : 'that of the world outside';
  return `<p class="clock">The time here is <time datetime="${now.toISOString()}">${minutesOf(now)}</time>, ${ahead}.
A day later: <code>curl -d '{"advanceSeconds":86400}' -H 'content-type: application/json' …/clock</code></p>`;
}

/**
 * Writes the page of the newest messages, and what the time is where it can be moved. Every value in it is escaped: mails
 * come from anywhere.
 */
export function messagesPage(messages: readonly Message[], clock: { now: Date; aheadMs: number } | null = null): string {
  const list = messages.length > 0 ? messages.map(article).join('\n') : '<p class="empty">Nothing has arrived yet.</p>';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>Tael sandbox: messages</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>Messages</h1>
<p>Mails and pushes that Tael sent, newest first. Nothing leaves this machine.</p>
${clock ? clockLine(clock) : ''}
</header>
${list}
</main>
</body>
</html>
`;
}

function article(message: Message): string {
  const { title, body } =
    message.channel === 'push' ? pushText(message.body) : { title: message.subject, body: message.body };
  const time = message.receivedAt.toISOString();
  return `<article class="${message.channel}">
<div class="meta"><span class="kind">${message.channel}</span>
<time datetime="${time}">${time.slice(0, 19).replace('T', ' ')} UTC</time>
<span>to ${escapeHtml(message.recipient)}</span></div>
<h2>${escapeHtml(title || '(no subject)')}</h2>
<pre>${escapeHtml(body.trim())}</pre>
</article>`;
}

// A push carries what its sender and its app agreed on: usually JSON with a title and a body, else it is shown as it is.
function pushText(payload: string): { title: string; body: string } {
  try {
    const { title, body } = JSON.parse(payload) as { title?: unknown; body?: unknown };
    if (typeof title === 'string' && typeof body === 'string') return { title, body };
  } catch {
    // No JSON: the plain payload below.
  }
  return { title: 'Push', body: payload };
}
