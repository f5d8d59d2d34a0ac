import { durationMs, EbbError, messageOf } from '@ebb/core';

/** A name that Kubernetes and DNS accept (RFC 1123 label). */
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Checks of one definition; each throws an EBB_DEFINITION error that names the definition and the field. */
export interface DefinitionChecks {
  fail(field: string, what: string): never;
  that(holds: boolean, field: string, what: string): void;
  name(): void;
  unique(field: string, values: readonly string[]): void;
  /** Milliseconds of a duration within bounds. */
  duration(field: string, text: string, bounds: Bounds): number;
  integer(field: string, value: number, bounds: Bounds): number;
  oneOf<T extends string>(field: string, value: T, choices: readonly T[]): T;
}

/** Checks for the definition of a `kind` ('function', 'service', …) with a name. */
export function definitionOf(kind: string, name: string): DefinitionChecks {
  const fail = (field: string, what: string): never => {
    throw new EbbError('EBB_DEFINITION', `${kind} "${name}": ${field} ${what}`);
  };
  const that = (holds: boolean, field: string, what: string): void => {
    if (!holds) fail(field, what);
  };
  return {
    fail,
    that,
    name: () =>
      that(DNS_LABEL.test(name), 'name', 'must be a DNS label: up to 63 lower-case letters, digits and inner hyphens'),
    unique: (field, values) => {
      const twice = values.find((value, at) => values.indexOf(value) !== at);
      if (twice !== undefined) fail(field, `has "${twice}" twice`);
    },
    duration: (field, text, bounds) => {
      let ms: number;
      try {
        ms = durationMs(text);
      } catch (error) {
        return fail(field, messageOf(error));
      }
      that(ms >= bounds.min && ms <= bounds.max, field, `"${text}" must be from ${bounds.min} ms to ${bounds.max} ms`);
      return ms;
    },
    integer: (field, value, { min, max }) => {
      that(
        Number.isInteger(value) && value >= min && value <= max,
        field,
        `must be a whole number from ${min} to ${max}`,
      );
      return value;
    },
    oneOf: (field, value, choices) => {
      that(choices.includes(value), field, `must be one of ${choices.join(', ')}`);
      return value;
    },
  };
}
