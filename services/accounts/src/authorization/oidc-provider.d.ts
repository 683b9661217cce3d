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
    isSenderConstrained(): boolean;
  }

  export interface Context {
    readonly req: IncomingMessage;
    status: number;
    body: unknown;
    set(header: string, value: string): void;
    remove(header: string): void;
    /** Missing where no route of the provider was asked for. */
    readonly oidc?: {
      readonly route: string;
      readonly client?: Client;
      readonly entities: { readonly ClientCredentials?: Token };
      readonly requestParamScopes: ReadonlySet<string>;
    };
  }

  export interface ProviderError extends Error {
    readonly statusCode?: number;
    readonly error_detail?: string;
  }

  export interface Adapter {
    find(id: string): Promise<object | undefined>;
    upsert(id: string): Promise<void>;
  }

  export class Provider {
    /** The request that is worked on. */
    static get ctx(): Context | undefined;
    constructor(issuer: string, configuration: object);
    proxy: boolean;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    use(middleware: (ctx: Context, next: () => Promise<void>) => Promise<void>): this;
    on(event: 'grant.error' | 'server_error', listener: (ctx: Context, error: ProviderError) => void): this;
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
  }
}
