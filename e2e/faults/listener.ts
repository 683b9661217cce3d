import { createClient } from 'graphql-ws';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Person } from './engine/people';

const NEWS = 'subscription { notificationReceived { id } }';
const AGAIN_MS = 100;

/** Somebody who listens for messages on a socket, and connects again wherever the one of before was closed. */
export class Listener {
  readonly heard = new Set<string>();
  /** When and with which code each socket was closed. */
  readonly closed: { readonly at: number; readonly code: number }[] = [];
  /** What was told besides messages. */
  readonly errors: string[] = [];
  /** When each socket was open; these are milliseconds of the wall clock. */
  readonly opened: number[] = [];
  private readonly end: () => void;
  private readonly client;

  constructor(urls: readonly string[], person: Person) {
    let turn = -1;
    this.client = createClient({
      // Whoever was sent away goes to another one, like any client of a balancer.
      url: () => urls[(turn += 1) % urls.length]!.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket, lazy: false, connectionParams: () => ({ authorization: `Bearer ${person.token}` }),
      retryAttempts: Infinity, retryWait: () => sleep(AGAIN_MS), shouldRetry: () => true, onNonLazyError: () => undefined,
      on: {
        connected: () => this.opened.push(Date.now()),
        closed: (event) => this.closed.push({ at: Date.now(), code: (event as { code: number }).code }),
      },
    });
    this.end = this.client.subscribe<{ notificationReceived: { id: string } }>({ query: NEWS }, {
      next: ({ data, errors }) => {
        if (data) this.heard.add(data.notificationReceived.id);
        if (errors) this.errors.push(JSON.stringify(errors));
      },
      error: (error) => this.errors.push(String(error)),
      complete: () => undefined,
    });
  }

  async stop(): Promise<void> {
    this.end();
    await this.client.dispose();
  }
}
