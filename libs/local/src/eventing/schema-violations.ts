import type { Violation } from '@ebb/core';
import type { ErrorObject } from 'ajv';
import { describeError } from './schema-error-message.ts';

/** One bad document may break its schema in thousands of places; nobody reads more than these. */
const MAX_VIOLATIONS = 100;
/** Errors that are looked at: some of them repeat others. */
const MAX_ERRORS = 1_000;

/** What ajv found, for people: each place once, as JSON Pointer, with the reason in words. Expects ajv's option `verbose`. */
export function violationsOf(errors: readonly ErrorObject[]): readonly Violation[] {
  const found = errors.slice(0, MAX_ERRORS);
  const repeated = new Set([...patternsOfFormats(found), ...namesInSchemas(found), ...branches(found)]);
  const told = found.filter((error) => !repeated.has(error)).map(violationOf);
  const distinct = new Map(told.map((violation) => [`${violation.path} ${violation.message}`, violation]));
  return [...distinct.values()].slice(0, MAX_VIOLATIONS);
}

function violationOf(error: ErrorObject): Violation {
  const { missingProperty, additionalProperty, unevaluatedProperty, propertyName } = error.params as Readonly<
    Record<string, string | undefined>
  >;
  const property = missingProperty ?? additionalProperty ?? unevaluatedProperty ?? propertyName;
  return { path: pointer(error.instancePath, property), message: describeError(error) };
}

/** RFC 6901 */
function pointer(parent: string, property: string | undefined): string {
  return property === undefined ? parent : `${parent}/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** A format often comes with a pattern for those who know no formats: where both fail, the format says it in a word. */
function patternsOfFormats(errors: readonly ErrorObject[]): ErrorObject[] {
  const formats = new Set(errors.filter(({ keyword }) => keyword === 'format').map(({ instancePath }) => instancePath));
  return errors.filter(({ keyword, instancePath }) => keyword === 'pattern' && formats.has(instancePath));
}

/** What is wrong with a property's name; that the name is not allowed is told once. */
function namesInSchemas(errors: readonly ErrorObject[]): ErrorObject[] {
  return errors.filter(({ propertyName }) => propertyName !== undefined);
}

/**
 * Of a union that failed, either what its branches found or that it failed: the branch whose kind of value was given says more
 * than "fits none", but where several could be meant, their complaints contradict each other.
 */
function branches(errors: readonly ErrorObject[]): ErrorObject[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  return unions.flatMap((union) => {
    const inner = errors.filter((error) => isWithin(error, union));
    const unlike = new Set(
      inner.filter((error) => violationOf(error).path === union.instancePath).map(branchOf(union)),
    );
    const close = new Set(inner.map(branchOf(union)).filter((branch) => !unlike.has(branch)));
    if (close.size !== 1) return inner;
    return [union, ...inner.filter((error) => unlike.has(branchOf(union)(error)))];
  });
}

function isWithin({ schemaPath, instancePath }: ErrorObject, union: ErrorObject): boolean {
  const isSamePlace = instancePath === union.instancePath || instancePath.startsWith(`${union.instancePath}/`);
  return isSamePlace && schemaPath.startsWith(`${union.schemaPath}/`);
}

/** The number of the branch that an error was found in. */
function branchOf(union: ErrorObject): (error: ErrorObject) => string | undefined {
  return ({ schemaPath }) => schemaPath.slice(union.schemaPath.length + 1).split('/')[0];
}
