import type { Logger } from '@ebb/core';
import type { EventLog } from '@ebb/event-log';
import { watchTopic, type TopicWatcher } from './topic-watcher.ts';

/** One watcher per topic, shared by all that read it. */
export interface TopicWatchers {
  of(topic: string): TopicWatcher;
  stop(): void;
}

export function createTopicWatchers(options: { readonly log: EventLog; readonly logger: Logger }): TopicWatchers {
  const watchers = new Map<string, TopicWatcher>();
  return {
    of(topic) {
      const watcher = watchers.get(topic) ?? watchTopic({ ...options, topic });
      watchers.set(topic, watcher);
      return watcher;
    },
    stop() {
      for (const watcher of watchers.values()) watcher.stop();
      watchers.clear();
    },
  };
}
