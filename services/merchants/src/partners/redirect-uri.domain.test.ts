import { isRedirectUri } from './redirect-uri.domain';

it.each<[string, boolean, boolean]>([
  ['https://bank.example/back', true, true],
  ['https://bank.example/', true, true],
  ['https://bank.example:8443/back?from=tael', true, true],
  ['http://localhost:8080/back', true, false],
  ['http://127.0.0.1:8080/back', true, false],
  ['http://[::1]:8080/back', true, false],
  ['http://bank.example/back', false, false],
  ['http://localhost.bank.example/back', false, false],
  ['http://localhost@bank.example/back', false, false],
  ['https://somebody:secret@bank.example/back', false, false],
  ['https://bank.example/back#part', false, false],
  ['https://bank.example/back#', false, false],
  ['https://bank.example', false, false],
  ['https://BANK.example/back', false, false],
  ['https://bank.example/a/../back', false, false],
  ['https://bank.example/*', true, true],
  ['javascript:alert(1)', false, false],
  ['bank://back', false, false],
  ['/back', false, false],
  ['', false, false],
  [`https://bank.example/${'a'.repeat(479)}`, true, true],
  [`https://bank.example/${'a'.repeat(480)}`, false, false],
])('%s', (uri, inSandbox, inProduction) => {
  expect([isRedirectUri(uri, 'SANDBOX'), isRedirectUri(uri, 'PRODUCTION')]).toEqual([inSandbox, inProduction]);
});
