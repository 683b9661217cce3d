import type { BusMessage } from '../bus';
import { clock, isTracing, tell, traceparent } from '../telemetry';

/**
 * Works off a batch, each message as a span of the trace that it came with: what its effect causes names that span as
 * its parent. Off, it only works off.
 */
export async function workOffTraced(
  group: string, messages: readonly BusMessage[], work: (messages: readonly BusMessage[]) => Promise<void>,
): Promise<void> {
  if (!isTracing()) return work(messages);
  const spans = messages.map((message) => ({ parent: message.headers['traceparent'], own: traceparent(message.headers['traceparent']) }));
  const startedAt = clock();
  let fault: string | undefined;
  try {
    await work(messages.map((message, index) => ({ ...message, headers: { ...message.headers, traceparent: spans[index]!.own } })));
  } catch (error) {
    fault = (error as Error).name;
    throw error;
  } finally {
    const endedAt = clock();
    messages.forEach(({ topic, partition, offset, headers }, index) => {
      const { parent, own } = spans[index]!;
      tell({
        name: `consume ${headers['ce_type'] ?? topic}`, kind: 'consumer', parent, traceparent: own, startedAt, endedAt,
        attributes: {
          'messaging.system': 'tael', 'messaging.destination.name': topic, 'messaging.consumer.group.name': group,
          'messaging.destination.partition.id': String(partition), 'messaging.kafka.offset': offset.toString(),
          'tael.event.id': headers['ce_id'] ?? '',
        },
        ...(fault ? { fault } : {}),
      });
    });
  }
}
