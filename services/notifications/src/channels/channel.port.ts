import type { HandOff } from '../deliveries/delivery.domain';
import type { Person } from '../people/person.service';

/** A written message on its way out by a channel. */
export interface OutgoingNotification {
  readonly id: string;
  readonly class: string;
  readonly topic: string;
  readonly title: string;
  readonly body: string;
  readonly locale: string;
  readonly person: Person;
}

/** Hands messages to the world by one way. Never throws for what the other side does: that is a {@link HandOff}. */
export interface ChannelPort {
  send(notification: OutgoingNotification): Promise<HandOff>;
}
