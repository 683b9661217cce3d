/** Names that somebody gives a shop, themself or a card so that a message says or does what Tael did not write. */
export const HOSTILE_NAMES: readonly string[] = [
  // Markup, where a channel or a reader would take the text for a page.
  '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '</body><a href="https://evil.example">here</a>', '&lt;b&gt;&#x0a;', ']]><!--',
  // Marks of templates: ours (ICU) and those of others.
  '{amount}', '{merchant}', '{feeKind, select, other {x}}', "'{'amount'}'", '{', '}}{{', '{{7*7}}', '${process.env.SECRET}', '<%= 7*7 %>', '#{7*7}', '%s %n %x', '\\{amount\\}',
  // Lines and headers of a mail.
  'A\r\nBcc: victim@evil.example', 'A\r\n\r\n<html><b>all new</b></html>', 'A\nSubject: You have won', 'A\rX-Evil: 1', '\r\n.\r\nMAIL FROM:<x@evil.example>', 'A%0d%0aBcc: x@evil.example',
  '"Tael" <victim@evil.example>', 'a@b.example, victim@evil.example', 'victim@evil.example;', '=?utf-8?B?DQpCY2M6IHZpY3RpbUBldmlsLmV4YW1wbGU=?=', 'A"\\', 'group:victim@evil.example;',
  // Signs that are not seen, or turn what is.
  'evil\u202Eman', '\u2066safe\u2069\u202Eeliforp', 'line\u2028line\u2029line', 'nul\u0000nul', '\u001b[31mred\u001b[0m', '\ufeff\u200b\u00ad', '\u0085next', 'مقهى\r\nBcc: x@evil.example',
  "'); DROP TABLE person; --", '__proto__', 'constructor', '\ud800', 'W'.repeat(500), '👩‍👩‍👧‍👦'.repeat(40), 'z\u0300'.repeat(300),
];
