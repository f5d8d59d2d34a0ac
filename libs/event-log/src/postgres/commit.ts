import type { Pool } from 'pg';
import type { Offsets } from '../event-log.ts';

/** Notes where a group goes on; an offset never moves back. */
export async function commitOffsets(pool: Pool, group: string, topic: string, offsets: Offsets): Promise<void> {
  if (offsets.size === 0) return;
  // In the order of partitions: two commits of one group at once cannot deadlock.
  const sorted = [...offsets].sort(([a], [b]) => a - b);
  await pool.query({
    name: 'ebb_log_commit',
    text: `INSERT INTO ebb_log.group_offset AS g (consumer_group, topic, partition, committed)
           SELECT $1, $2, partition, committed FROM unnest($3::int[], $4::bigint[]) AS o (partition, committed)
           ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET committed = EXCLUDED.committed
           WHERE g.committed < EXCLUDED.committed`,
    values: [group, topic, sorted.map(([partition]) => partition), sorted.map(([, offset]) => String(offset))],
  });
}
