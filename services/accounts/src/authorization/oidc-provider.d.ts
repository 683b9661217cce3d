// The package has no types of its own: what is used of it, and nothing more.
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface Client {
    readonly clientId: string;
    readonly scope?: string;
    readonly [metadata: string]: unknown;
  }

  export interface Token {
    readonly jti: string;
    /** Of a token that came of a consent. */
    readonly grantId?: string;
    /** The claims of ours, once it is made. */
    readonly extra?: Readonly<Record<string, unknown>>;
    isSenderConstrained(): boolean;
  }

  export interface Context {
    readonly req: IncomingMessage;
    status: number;
    body: unknown;
    readonly response: { get(header: string): string | string[] };
    set(header: string, value: string | string[]): void;
    remove(header: string): void;
    /** Missing where no route of the provider was asked for. */
    readonly oidc?: {
      readonly route: string;
      readonly client?: Client;
      readonly entities: { readonly ClientCredentials?: Token; readonly AccessToken?: Token; readonly Grant?: { readonly exp: number } };
      readonly requestParamScopes: ReadonlySet<string>;
      readonly params?: Readonly<Record<string, unknown>>;
      readonly result?: Readonly<Record<string, unknown>>;
      readonly provider: Provider;
    };
  }

  export interface ProviderError extends Error {
    readonly statusCode?: number;
    readonly error_detail?: string;
  }

  export interface Adapter {
    find(id: string): Promise<object | undefined>;
    upsert(id: string, payload: object, seconds: number): Promise<void>;
    consume(id: string): Promise<void>;
    destroy(id: string): Promise<void>;
    revokeByGrantId(grantId: string): Promise<void>;
  }

  export namespace interactionPolicy {
    class Check {
      static readonly REQUEST_PROMPT: true;
      static readonly NO_NEED_TO_PROMPT: false;
      constructor(reason: string, description: string, check: (ctx: Context) => boolean);
    }
    class Prompt {
      constructor(info: { name: string; requestable: boolean }, ...checks: Check[]);
    }
  }

  export class Provider {
    /** The request that is worked on. */
    static get ctx(): Context | undefined;
    constructor(issuer: string, configuration: object);
    proxy: boolean;
    readonly Grant: { find(id: string): Promise<object | undefined> };
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    use(middleware: (ctx: Context, next: () => Promise<void>) => Promise<void>): this;
    on(
      event: 'grant.error' | 'server_error' | 'authorization.error' | 'pushed_authorization_request.error',
      listener: (ctx: Context, error: ProviderError) => void,
    ): this;
    on(event: 'error', listener: (error: Error) => void): this;
  }

  export namespace errors {
    class InvalidClientAuth extends Error {
      constructor(detail: string);
    }
    class InvalidScope extends Error {
      constructor(description: string, scope?: string);
    }
    class InvalidTarget extends Error {}
    class InvalidGrant extends Error {
      constructor(detail: string);
    }
    class InvalidRequest extends Error {
      constructor(description: string);
    }
    class InvalidRequestUri extends Error {
      constructor(description: string);
    }
  }
}
