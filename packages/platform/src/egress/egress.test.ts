import { egressFault, egressTarget, HTTPS_PORTS, isPrivateAddress, publicLookup, publicLookupBy } from './egress';

describe('an address from outside', () => {
  it.each([
    'https://hooks.example/abc',
    'https://fcm.googleapis.com/fcm/send/x',
    'https://8.8.8.8/x',
    'https://[2606:4700::1111]/x',
    'https://hooks.example:8443/abc',
  ])('%s may be called', (address) => {
    expect(egressTarget(address, { allowHttp: false })?.href).toBe(address);
  });
  it.each([
    'http://hooks.example/abc',
    'http://127.0.0.1:4005/push/x',
    'https://127.0.0.1/x',
    'https://localhost/x',
    'https://10.1.2.3/x',
    'https://192.168.1.1/x',
    'https://172.20.0.1/x',
    'https://169.254.169.254/latest/meta-data',
    'https://100.64.1.1/x',
    'https://0.0.0.0/x',
    'https://[::1]/x',
    'https://[::]/x',
    'https://[fd00::1]/x',
    'https://[fe80::1]/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://[::ffff:7f00:1]/x',
    'https://[64:ff9b::7f00:1]/x',
    'https://[::127.0.0.1]/x',
    'https://[::7f00:1]/x',
    'https://[fec0::1]/x',
    'https://[5f00::1]/x',
    'https://[3fff::1]/x',
    'https://2130706433/x',
    'https://0x7f.1/x',
    'https://intranet/x',
    'https://db.internal/x',
    'https://a.localhost/x',
    'https://user:password@hooks.example/x',
    'https://hooks.example/x#y',
    'ftp://hooks.example/x',
    'javascript:alert(1)',
    'hooks.example',
    '',
    `https://hooks.example/${'x'.repeat(3_000)}`,
  ])('%s is refused', (address) => {
    expect(egressTarget(address, { allowHttp: false })).toBeNull();
  });
  it.each([
    ['http://127.0.0.1:4005/push/x', true],
    ['http://localhost:4005/x', true],
    ['http://hooks.example/x', false],
    ['http://10.0.0.1/x', false],
  ])('%s where plain http on loopback is let in: %s', (address, open) => {
    expect(egressTarget(address, { allowHttp: true }) !== null).toBe(open);
  });
  it.each([
    ['bank.example/graphql', 'UNREADABLE'],
    [`https://bank.example/${'x'.repeat(2_100)}`, 'UNREADABLE'],
    ['https://user@bank.example/graphql', 'NOT_ONLY_A_PLACE'],
    ['https://bank.example/graphql#top', 'NOT_ONLY_A_PLACE'],
    ['http://bank.example/graphql', 'NOT_HTTPS'],
    ['http://127.0.0.1:4100/graphql', 'NOT_HTTPS'],
    ['https://bank.example:9443/graphql', 'PORT'],
    ['https://169.254.169.254/latest', 'PRIVATE_ADDRESS'],
    ['https://[::1]/graphql', 'PRIVATE_ADDRESS'],
    ['https://bank/graphql', 'LOCAL_NAME'],
    ['https://bank.internal/graphql', 'LOCAL_NAME'],
    ['https://bank.example/graphql', undefined],
    ['https://bank.example:8443/graphql', undefined],
  ])('%s is not called for %s', (address, fault) => {
    expect(egressFault(address, { allowHttp: false, ports: HTTPS_PORTS })).toBe(fault);
  });
  it.each([
    ['8.8.8.8', false],
    ['172.32.0.1', false],
    ['2606:4700::1111', false],
    ['224.0.0.1', true],
    ['255.255.255.255', true],
    ['::ffff:8.8.8.8', false],
  ])('%s is private: %s', (address, isPrivate) => {
    expect(isPrivateAddress(address)).toBe(isPrivate);
  });
  it('is refused where its name leads to a private address', async () => {
    const fault = await new Promise<Error | null>((resolve) => publicLookup('localhost', {}, resolve));
    expect(fault?.name).toBe('PrivateAddress');
  });
  it.each([
    ['https://hooks.example/x', true],
    ['https://hooks.example:443/x', true],
    ['https://hooks.example:8443/x', true],
    ['https://hooks.example:22/x', false],
    ['https://hooks.example:6379/x', false],
  ])('%s where two ports are open: %s', (address, open) => {
    expect(egressTarget(address, { allowHttp: false, ports: [443, 8443] }) !== null).toBe(open);
  });
  it('is looked at again each time its name resolves, at all of its addresses', async () => {
    const answers = [['8.8.8.8'], ['8.8.8.8', '10.0.0.1'], ['127.0.0.1'], ['::ffff:169.254.169.254'], []];
    const lookup = publicLookupBy((_host, _options, done) =>
      done(null, answers.shift()!.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))),
    );
    const once = () => new Promise((resolve) => lookup('a.example', {}, (error, address) => resolve(error?.name ?? address)));
    expect(await once()).toBe('8.8.8.8');
    for (let left = answers.length; left > 0; left--) expect(await once()).toBe('PrivateAddress');
  });
});
