import { escapeHtml, messagesPage } from './message.page';
import type { Message } from './message.store';

const message: Message = {
  id: '019aa000-0000-7000-8000-000000000001',
  channel: 'mail',
  recipient: 'a@example.com',
  sender: 'tael@example.com',
  subject: 'Hello',
  body: 'Text',
  html: null,
  headers: {},
  receivedAt: new Date('2026-11-22T10:00:00Z'),
};

describe('the page of messages', () => {
  it('shows what a mail carries as text, never as markup', () => {
    const evil = '<script>alert(1)</script>"\'&';
    const page = messagesPage([{ ...message, subject: evil, body: evil, recipient: evil }]);
    expect(page).not.toContain('<script>');
    expect(page.split(escapeHtml(evil))).toHaveLength(4);
  });

  it('shows title and body of a push, and a push of another form as it is', () => {
    const push = { ...message, channel: 'push' as const };
    expect(messagesPage([{ ...push, body: '{"title":"Paid","body":"5.00 USD"}' }])).toMatch(
      /<h2>Paid<\/h2>\s*<pre>5\.00 USD/,
    );
    expect(messagesPage([{ ...push, body: '{"title":1}' }])).toContain('<pre>{&quot;title&quot;:1}</pre>');
  });

  it('says so where nothing has arrived, and fetches nothing from elsewhere', () => {
    expect(messagesPage([])).toContain('Nothing has arrived yet.');
    expect(messagesPage([message])).not.toMatch(/https?:|src=|<link/);
  });
});
