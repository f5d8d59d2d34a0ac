import { UncountedError } from '../delivery/settlement.ts';

/** A dependency outside is left alone for a while. Nothing was called and nothing failed, so it is not counted as an attempt. */
export class CircuitOpenError extends UncountedError {
  readonly circuit: string;

  constructor(circuit: string, afterMs: number) {
    super(`circuit "${circuit}" is open: the dependency failed too often and is left alone`, { after: `${afterMs}ms` });
    this.circuit = circuit;
  }
}
