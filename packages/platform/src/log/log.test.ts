import { createLogger } from './index';

function capture(): { lines: () => Record<string, unknown>[]; raw: () => string; log: ReturnType<typeof createLogger> } {
  let text = '';
  const log = createLogger({ service: 'test', destination: { write: (line: string) => void (text += line) } });
  return {
    log,
    raw: () => text,
    lines: () => text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

const CANARY = 'canary-value';

describe('the log', () => {
  it.each([
    'password', 'accessToken', 'refreshToken', 'token', 'authorization', 'cookie', 'number', 'securityCode', 'holderName',
    'email', 'recipientEmail', 'displayName', 'phone', 'variables', 'secret',
  ])('cuts out %s at three depths', (name) => {
    const { log, raw } = capture();
    log.info({ [name]: CANARY }, 'flat');
    log.info({ input: { [name]: CANARY } }, 'nested');
    log.info({ request: { input: { [name]: CANARY } } }, 'deep');
    expect(raw()).not.toContain(CANARY);
    expect(raw().match(/\[cut\]/g)).toHaveLength(3);
  });

  it('keeps ids, and names service and time', () => {
    const { log, lines } = capture();
    log.warn({ personId: 'p-1' }, 'kept');
    expect(lines()[0]).toMatchObject({ service: 'test', personId: 'p-1', msg: 'kept', level: 40 });
    expect(new Date(String(lines()[0]!['time'])).getTime()).toBeGreaterThan(0);
  });

  it('stays one line of JSON for text with line breaks and escapes', () => {
    const { log, lines } = capture();
    log.info({ name: 'a\r\n{"level":60}\u001b[31m' }, 'forged\nline');
    expect(lines()).toHaveLength(1);
    expect(lines()[0]!['level']).toBe(30);
  });

  it('writes errors whose code is a number, as Kafka has them', () => {
    const { log, lines } = capture();
    log.warn({ error: Object.assign(new Error('the coordinator is not aware of this member'), { code: 25 }) }, 'failed');
    expect(lines()[0]!['error']).toMatchObject({ type: 'Error', message: 'the coordinator is not aware of this member' });
  });

  it('writes errors with their kind and stack', () => {
    const { log, lines } = capture();
    log.error({ error: new TypeError('broken') }, 'failed');
    expect(lines()[0]!['error']).toMatchObject({ type: 'TypeError', message: 'broken', stack: expect.any(String) as string });
  });
});
