import { keepHeartbeats } from './kafka.heartbeat';

const ConsumerGroup = jest.requireActual<new (options: object) => any>('kafkajs/src/consumer/consumerGroup');

it('a member of a group whose clock was set back goes on with its heartbeats', async () => {
  keepHeartbeats();
  const beats: string[] = [];
  const group = new ConsumerGroup({
    groupId: 'g', cluster: {}, topics: [], topicConfigurations: {}, instrumentationEmitter: { emit: () => undefined },
    logger: { namespace: () => ({}) }, assigners: [], retry: {}, isolationLevel: 0,
  });
  Object.assign(group, { memberId: 'm', generationId: 1, coordinator: { heartbeat: async () => void beats.push('beat') } });
  group.lastRequest = Date.now() + 2 * 86_400_000;
  await group.heartbeat({ interval: 3_000 });
  expect(beats).toHaveLength(1);
  await group.heartbeat({ interval: 3_000 });
  expect(beats).toHaveLength(1);
  group.lastRequest -= 3_000;
  await group.heartbeat({ interval: 3_000 });
  expect(beats).toHaveLength(2);
});
