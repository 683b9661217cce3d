import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { BusMessage } from './bus.port';

const textOf = (value: Buffer | string | null | undefined): string => value?.toString('utf8') ?? '';

/** Reads a record of Kafka as a message of the bus. A header that is there several times counts with its last value. */
export function busMessage(topic: string, partition: number, message: KafkaMessage): BusMessage {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: textOf(message.key),
    headers: headersOf(message.headers ?? {}),
    value: textOf(message.value),
  };
}

function headersOf(headers: IHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => {
    return [name, textOf(Array.isArray(value) ? value.at(-1) : value)];
  }));
}
