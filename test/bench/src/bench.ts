import type { BenchDatabase } from './database.ts';
import type { Cores } from './machine.ts';
import type { OtlpSink } from './otlp-sink.ts';

/** What every suite works with. */
export interface Bench {
  /** Fewer rounds. */
  readonly quick: boolean;
  readonly cores: Cores | undefined;
  readonly sink: OtlpSink;
  readonly database: () => Promise<BenchDatabase>;
}
