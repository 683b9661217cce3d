import { serverAudits } from 'graphql-http';
import { stack } from './stack';

describe('GraphQL over HTTP, by the audits of graphql-http', () => {
  for (const audit of serverAudits({ url: stack.gatewayUrl })) {
    it(audit.name, async () => {
      const result = await audit.fn();
      if (result.status !== 'ok') throw new Error(`${result.status}: ${result.reason}`);
    });
  }
});

describe('the door', () => {
  it('shows GraphiQL to a browser, without anything from elsewhere', async () => {
    const response = await fetch(stack.gatewayUrl, { headers: { accept: 'text/html' } });
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(await response.text()).toMatch(/graphiql/i);
  });
  it('answers introspection, as GraphiQL asks it', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    const response = await fetch(stack.gatewayUrl, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: getIntrospectionQuery() }),
    });
    const body: any = await response.json();
    expect(body.data.__schema.types.length).toBeGreaterThan(50);
  });
});
