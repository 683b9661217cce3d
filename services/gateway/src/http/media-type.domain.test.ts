import { acceptable, isJson, wantsPage } from './media-type.domain';

const json = 'application/json';
const graphql = 'application/graphql-response+json';

test.each([
  [undefined, json, false],
  ['*/*', json, false],
  ['application/*', json, false],
  [graphql, graphql, false],
  [`${graphql}, ${json};q=0.9`, graphql, false],
  [`${json};q=0.5, ${graphql}`, graphql, false],
  [`${graphql};q=0.5, ${json}`, json, false],
  [`${graphql};charset=utf-8`, graphql, false],
  [`${json};charset=utf-16`, null, false],
  [`${json};q=0`, null, false],
  ['text/event-stream', null, true],
  [`text/event-stream, ${json}`, json, true],
  ['text/html', null, false],
  ['TEXT/EVENT-STREAM', null, true],
  ['', json, false],
  ['  ', json, false],
  [`text/html, ${graphql}`, graphql, false],
  [`${json} ; v=1 ; q=0.1 , ${graphql} ; q=0.2`, graphql, false],
  [`${json};q=abc`, null, false],
  [`text/event-stream;q=0, ${json}`, json, false],
  [`${json};charset="UTF8"`, json, false],
  [`${json};charset=utf-80`, null, false],
  [`${json};charset=xutf-8`, null, false],
])('Accept %j: result %j, events %j', (accept, result, eventStream) => {
  expect(acceptable(accept)).toEqual({ result, eventStream });
});

test.each([
  [undefined, false],
  ['application/json', true],
  ['Application/JSON; charset=UTF-8', true],
  ['application/json; charset="utf-8"', true],
  ['application/json; charset=latin1', false],
  ['application/json, text/plain', false],
  ['text/plain', false],
  ['application/jsonp', false],
  ['text/plain; application/json', false],
  ['', false],
  [' application/json ;v=1; charset=utf8 ', true],
  ['application/json; charset=utf-80', false],
  ['application/json; charset=xutf-8', false],
])('Content-Type %j is JSON: %j', (type, expected) => {
  expect(isJson(type)).toBe(expected);
});

test.each([
  [undefined, false],
  ['', false],
  ['*/*', false],
  [json, false],
  ['text/html', true],
  [`${json}, Text/HTML;q=0.1`, true],
])('Accept %j asks for a page: %j', (accept, expected) => {
  expect(wantsPage(accept)).toBe(expected);
});
