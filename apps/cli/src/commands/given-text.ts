import { InvalidArgumentError } from 'commander';

/** An argument that a shell made nothing of, such as an unset variable, is not taken for one. @throws InvalidArgumentError */
export function givenText(value: string): string {
  if (value.trim() !== '') return value;
  throw new InvalidArgumentError('It is empty.');
}
