import { messageOf } from '@ebb/core';

/** What has been started, in order: it is stopped the other way round, each part whatever became of the others. */
export class StopStack {
  readonly #parts: { readonly name: string; readonly stop: () => unknown }[] = [];

  push(name: string, stop: () => unknown): void {
    this.#parts.push({ name, stop });
  }

  /** @throws AggregateError when parts could not be stopped; the others are stopped all the same */
  async unwind(): Promise<void> {
    const failures: Error[] = [];
    for (let part = this.#parts.pop(); part !== undefined; part = this.#parts.pop()) {
      try {
        await part.stop();
      } catch (error) {
        failures.push(new Error(`${part.name} could not be stopped: ${messageOf(error)}`, { cause: error }));
      }
    }
    if (failures.length > 0) throw new AggregateError(failures);
  }
}
