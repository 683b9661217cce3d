import { z } from 'zod';
import { id, instant } from './fields';
import { defineEvent, TOPICS } from './define';

export const notificationDelivered = defineEvent({
  type: 'notification.delivered',
  version: 1,
  topic: TOPICS.notifications,
  key: 'personId',
  describe: 'A message was handed to a channel, or given up on it.',
  data: z.object({
    notificationId: id, personId: id, topic: z.string(),
    channel: z.enum(['IN_APP', 'PUSH', 'EMAIL', 'SMS']),
    outcome: z.enum(['HANDED_OFF', 'SKIPPED', 'FAILED', 'UNKNOWN']),
    occurredAt: instant,
  }),
});
