import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** The page for people who want to try the graph. */
export interface GraphiQLPage {
  send(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** What a newcomer finds in the editor. */
export const FIRST_QUERY = `# Tael: money, merchants, rewards and messages
# in one graph.
#
# 1. Put in a demo login (npm start printed them)
#    and run SignIn with the button on the right.
# 2. Copy the accessToken into Headers below:
#    { "authorization": "Bearer <accessToken>" }
# 3. Run Me. The book on the left has every field.

mutation SignIn {
  signIn(input: { email: "", password: "" }) {
    session { accessToken expiresAt }
    userErrors { code message }
  }
}

query Me {
  viewer {
    displayName
    wallets {
      currency
      balance { available { amount currency } }
    }
    transactions(first: 5) {
      edges {
        node {
          kind
          status
          direction
          amount { amount currency }
          createdAt
        }
      }
    }
  }
}
`;

// All that the page needs is in it: no script, font or style comes from anywhere else, and no other site may frame it.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' blob:",
  'worker-src blob:',
  "style-src 'unsafe-inline'",
  'font-src data:',
  'img-src data:',
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Makes the GraphiQL page. It is rendered and packed once, when it is first asked for: it is several megabytes. */
export function createGraphiQLPage(endpoint: string): GraphiQLPage {
  let rendered: Promise<{ plain: Buffer; packed: Buffer }> | undefined;

  async function render(): Promise<{ plain: Buffer; packed: Buffer }> {
    const html = renderGraphiQL({ title: 'Tael', endpoint, defaultQuery: FIRST_QUERY });
    const plain = Buffer.from(html);
    return { plain, packed: await promisify(gzip)(plain) };
  }

  return {
    async send(request, response) {
      const { plain, packed } = await (rendered ??= render());
      const takesPacked = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
      const body = takesPacked ? packed : plain;
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-length': body.length,
        ...(takesPacked ? { 'content-encoding': 'gzip' } : {}),
        vary: 'accept, accept-encoding',
        'cache-control': 'no-cache',
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'referrer-policy': 'no-referrer',
      });
      response.end(body);
    },
  };
}
