import type { BenchDatabase } from './database.ts';
import type { Cores } from './machine.ts';
import type { OtlpSink } from './otlp-sink.ts';

/** What every suite works with. */
export interface Bench {
  /** Fewer rounds. */
  readonly quick: boolean;
  /** Where servers are pinned to; undefined where they are not. */
  readonly cores: Cores | undefined;
  readonly sink: OtlpSink;
  /** For the suites that need one. */
  readonly database: BenchDatabase | undefined;
}
