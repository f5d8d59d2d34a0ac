import { describe, expect, it } from '@jest/globals';
import { GivenPassword, isGuessable, NewPassword, normalized } from './password.ts';

const messagesOf = (password: string): readonly string[] =>
  NewPassword.safeParse(password).error?.issues.map(({ message }) => message) ?? [];

describe('a new password', () => {
  it.each([
    'seven lamps on the pier',
    'correct cow clip staple',
    'пять зелёных лампочек',
    '🐢🐇🐢🐇🦔🐢🐇🦊🐢🐇🦔🐙',
    'aB3$aB3$xyyx',
    'x'.repeat(3) + 'y seven lamps',
    `${'seven lamps '.repeat(20)}and one`,
  ])('may be %j', (password) => {
    expect(messagesOf(password)).toEqual([]);
  });

  it.each([
    ['', /at least 12/],
    ['elevenchars', /at least 12/],
    // Twelve UTF-16 units, and only six characters.
    ['🐢🐇🦔🦊🐙🐚', /at least 12/],
    ['long '.repeat(60), /at most 256/],
    ['password1234', /first that anybody/],
    ['PassWord 1234', /first that anybody/],
    ['correct-horse-battery-staple', /first that anybody/],
    ['aaaaaaaaaaaaaaaa', /first that anybody/],
    ['abcabcabcabcabc', /first that anybody/],
    ['123456789012', /first that anybody/],
    ['098765432109', /first that anybody/],
    ['qwertyuiopasdf', /first that anybody/],
    ['abcdefgh12345678', /first that anybody/],
  ])('may not be %j', (password, why) => {
    expect(messagesOf(password)).toEqual([expect.stringMatching(why)]);
  });

  it('may not be the address of its owner', () => {
    expect(isGuessable('ada.lovelace@example.com', ['ada.lovelace@example.com', 'ada.lovelace'])).toBe(true);
    expect(isGuessable('Ada Lovelace', ['ada.lovelace@example.com', 'ada.lovelace'])).toBe(true);
    expect(isGuessable('Ada Lovelace likes tea', ['ada.lovelace'])).toBe(false);
  });

  it('is the same however it was typed', () => {
    expect(normalized('cafe\u0301 au lait bitte')).toBe(normalized('café au lait bitte'));
  });

  it('looks at many letters in no time', () => {
    expect(isGuessable('ab'.repeat(512) + 'c')).toBe(false);
  });
});

it('a password that is given may be any, but for its length', () => {
  expect(GivenPassword.safeParse('x').success).toBe(true);
  expect(GivenPassword.safeParse('').success).toBe(false);
  expect(GivenPassword.safeParse('x'.repeat(1_025)).success).toBe(false);
});
