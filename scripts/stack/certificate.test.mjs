import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { certificateFiles, ensureCertificate } from './certificate.mjs';

test('the certificate is made once, its key is for its owner alone, and a client that trusts it reaches localhost with it', async (t) => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-certificate-'));
  t.after(() => fs.rmSync(home, { recursive: true }));
  ensureCertificate(home);
  const files = certificateFiles(home);
  const cert = fs.readFileSync(files.cert, 'utf8');
  ensureCertificate(home);
  assert.equal(fs.readFileSync(files.cert, 'utf8'), cert);
  assert.equal(fs.statSync(files.key).mode & 0o777, 0o600);
  assert.ok(Date.parse(new X509Certificate(cert).validTo) > Date.now() + 9 * 365 * 86_400_000);
  const server = https.createServer({ cert, key: fs.readFileSync(files.key) }, (_request, response) => response.end('here'));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  t.after(() => server.close());
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  for (const host of ['localhost', '127.0.0.1']) {
    const status = await new Promise((resolve, reject) => {
      https.get({ host, port, ca: cert, agent: false, lookup: (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]) }, (response) => resolve(response.resume().statusCode)).on('error', reject);
    });
    assert.equal(status, 200);
  }
});
