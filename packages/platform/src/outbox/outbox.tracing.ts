import type { OutgoingMessage } from '../bus';
import { clock, isTracing, tell, traceparent } from '../telemetry';

interface Publication {
  readonly message: OutgoingMessage;
  readonly parent: string | undefined;
  readonly own: string;
}

/**
 * Publishes events, each as a span of the trace that its header names: who consumes it then continues from here. Off, it
 * only publishes.
 */
export async function publishTraced(
  publish: (messages: readonly OutgoingMessage[]) => Promise<void>, messages: readonly OutgoingMessage[],
): Promise<void> {
  if (!isTracing()) return publish(messages);
  const publications: Publication[] = messages.map((message) => {
    const parent = message.headers['traceparent'];
    const own = traceparent(parent);
    return { parent, own, message: { ...message, headers: { ...message.headers, traceparent: own } } };
  });
  const startedAt = clock();
  let fault: string | undefined;
  try {
    await publish(publications.map(({ message }) => message));
  } catch (error) {
    fault = (error as Error).name;
    throw error;
  } finally {
    const endedAt = clock();
    for (const { message: { topic, headers }, parent, own } of publications) {
      const attributes = { 'messaging.system': 'tael', 'messaging.destination.name': topic, 'tael.event.id': headers['ce_id'] ?? '' };
      tell({
        name: `publish ${headers['ce_type'] ?? topic}`, kind: 'producer', parent, traceparent: own, attributes, startedAt, endedAt,
        ...(fault ? { fault } : {}),
      });
    }
  }
}
