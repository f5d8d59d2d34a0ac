import type { TopicWatcher } from './topic-watcher.ts';

interface Shared {
  readonly watcher: TopicWatcher;
  users: number;
}

/** One watcher per topic, shared by all that read it; it ends with the last of them. */
export class TopicWatchers {
  readonly #watch: (topic: string) => TopicWatcher;
  readonly #shared = new Map<string, Shared>();

  constructor(watch: (topic: string) => TopicWatcher) {
    this.#watch = watch;
  }

  acquire(topic: string): TopicWatcher {
    const shared = this.#shared.get(topic) ?? { watcher: this.#watch(topic), users: 0 };
    shared.users += 1;
    this.#shared.set(topic, shared);
    return shared.watcher;
  }

  release(topic: string): void {
    const shared = this.#shared.get(topic);
    if (!shared) return;
    shared.users -= 1;
    if (shared.users > 0) return;
    this.#shared.delete(topic);
    shared.watcher.stop();
  }

  stop(): void {
    for (const { watcher } of this.#shared.values()) watcher.stop();
    this.#shared.clear();
  }
}
