import * as z from 'zod/mini';
import { COMMON_PASSWORDS } from './common-passwords.ts';

/** In characters, whatever they are: a sentence in any script is a good password (NIST SP 800-63B, 3.1.1.2). */
const MIN_PASSWORD_LENGTH = 12;
const MAX_PASSWORD_LENGTH = 256;

const TOO_SHORT = `must have at least ${MIN_PASSWORD_LENGTH} characters`;
const TOO_LONG = `must have at most ${MAX_PASSWORD_LENGTH} characters`;
/** Of what JavaScript counts, at most, once the password is normalized. */
const UNITS_PER_CHARACTER = 4;

/** Rows of keyboards and of the alphabet, forwards; backwards is as easy. */
const RUNS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'azertyuiop',
];
/** So much of a password in runs of at least four leaves nothing to guess. */
const MIN_RUN = 4;

/** What is hashed: the same password typed on another keyboard may come in other code points. */
export const normalized = (password: string): string => password.normalize('NFKC');

/** A password as somebody gives it who has one: only its length is looked at, whatever held when it was chosen. */
export const GivenPassword = z.string().check(z.minLength(1), z.maxLength(MAX_PASSWORD_LENGTH * UNITS_PER_CHARACTER));

/** A password that somebody chooses. There are no rules about kinds of characters: they make passwords worse. */
export const NewPassword = z.string().check(
  z.minLength(MIN_PASSWORD_LENGTH, { message: TOO_SHORT, abort: true }),
  z.maxLength(MAX_PASSWORD_LENGTH * UNITS_PER_CHARACTER, { message: TOO_LONG, abort: true }),
  z.refine((text) => lengthOf(text) >= MIN_PASSWORD_LENGTH, { message: TOO_SHORT, abort: true }),
  z.refine((text) => lengthOf(text) <= MAX_PASSWORD_LENGTH, { message: TOO_LONG, abort: true }),
  z.refine((text) => !isGuessable(text), {
    message:
      'is one of the first that anybody would try: choose another, such as a few words that do not belong together',
  }),
);

const lengthOf = (text: string): number => Array.from(normalized(text)).length;

/**
 * Whether a password is among those that are tried first: common ones, repetitions, rows of the keyboard, and words of its owner's, such as
 * the address.
 */
export function isGuessable(password: string, ownWords: readonly string[] = []): boolean {
  const plain = normalized(password).toLowerCase();
  const bare = plain.replaceAll(/[\s._-]/g, '');
  if (COMMON_PASSWORDS.has(plain) || COMMON_PASSWORDS.has(bare)) return true;
  if (ownWords.some((word) => word.length > 0 && bare === word.toLowerCase().replaceAll(/[\s._-]/g, ''))) return true;
  return isRepetition(plain) || isMadeOfRuns(bare);
}

/** A part of at most a third of it, again and again. */
function isRepetition(text: string): boolean {
  const longest = Math.floor(text.length / 3);
  return Array.from({ length: longest }, (_, at) => text.slice(0, at + 1)).some((part) =>
    part.repeat(Math.ceil(text.length / part.length)).startsWith(text),
  );
}

function isMadeOfRuns(text: string): boolean {
  const runs = RUNS.flatMap((run) => [run, Array.from(run).reverse().join('')]);
  for (let at = 0; at < text.length;) {
    const length = Math.max(...runs.map((run) => commonLength(text.slice(at), run)));
    if (length < Math.min(MIN_RUN, text.length - at)) return false;
    at += length;
  }
  return true;
}

/** How many characters at the start of a text stand like this anywhere in a run. */
function commonLength(text: string, run: string): number {
  let length = 0;
  while (length < text.length && run.includes(text.slice(0, length + 1))) length += 1;
  return length;
}
