import { describe, expect, it } from '@jest/globals';
import { createAppender } from './appender.ts';
import { memoryLog } from './memory-log.fixture.ts';

const record = (id: number, bytes = 1) => ({ key: 'k', headers: { ce_id: String(id) }, value: Buffer.alloc(bytes) });
const counting = async () => {
  const log = memoryLog();
  await log.createTopic({ name: 't', partitions: 1, retentionMs: 1 });
  const sizes: number[] = [];
  const append: typeof log.append = (topic, records) => {
    sizes.push(records.length);
    return log.append(topic, records);
  };
  return { log, sizes, appender: createAppender({ ...log, append }) };
};

describe('an appender', () => {
  it('stores together what arrives while it is busy, in order, and tells each its place', async () => {
    const { log, sizes, appender } = await counting();
    const positions = await Promise.all(Array.from({ length: 5 }, (_, id) => appender.append('t', record(id))));
    expect(sizes).toEqual([1, 4]);
    expect(positions.map(({ offset }) => offset)).toEqual([0n, 1n, 2n, 3n, 4n]);
    expect(log.records('t').map(({ headers }) => headers.ce_id)).toEqual(['0', '1', '2', '3', '4']);
  });

  it('bounds what goes together by number and by bytes', async () => {
    const { sizes, appender } = await counting();
    await Promise.all(Array.from({ length: 402 }, (_, id) => appender.append('t', record(id))));
    expect(sizes).toEqual([1, 200, 200, 1]);
    sizes.length = 0;
    await Promise.all(Array.from({ length: 7 }, (_, id) => appender.append('t', record(id, 1_500_000))));
    expect(sizes).toEqual([1, 2, 2, 2]);
  });

  it('tells a failure to all whom it concerns, and goes on', async () => {
    const { log, appender } = await counting();
    log.failing.add('append');
    const results = await Promise.allSettled([appender.append('t', record(1)), appender.append('t', record(2))]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    log.failing.clear();
    expect(await appender.append('t', record(3))).toEqual({ partition: 0, offset: 0n });
    await expect(appender.append('unknown', record(4))).rejects.toThrow('unknown');
  });
});
