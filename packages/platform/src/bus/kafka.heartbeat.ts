/** What of kafkajs's member of a group concerns its heartbeats. */
interface Member {
  /** When it sent the last one, by the clock of the process. */
  lastRequest: number;
  heartbeat(options: { interval: number }): Promise<void>;
}

const { prototype } = require('kafkajs/src/consumer/consumerGroup') as { prototype: Member };
const { heartbeat } = prototype;

/**
 * kafkajs 2.2.4 sends a heartbeat when the clock of the process is so far on from the last one. Where that clock was set
 * back it sends none until it has caught up, hours or days later: the group forgets the member, which goes on fetching, and
 * whose every commit is refused. A last heartbeat that lies in the future is none.
 */
export function keepHeartbeats(): void {
  prototype.heartbeat = function (this: Member, options): Promise<void> {
    if (this.lastRequest > Date.now()) this.lastRequest = 0;
    return heartbeat.call(this, options);
  };
}
