import { describe, expect, it } from '@jest/globals';
import { parseOptions, UsageError } from './options.ts';

const parse = (...args: string[]) => parseOptions(args, () => 7);

describe('the options of the command', () => {
  it('have defaults, with a random seed', () => {
    expect(parse()).toMatchObject({ events: 2_000, seed: 7, log: 'postgres', clients: 8, outageSeconds: 5 });
  });

  it('are taken from the command line; a large run has a long outage', () => {
    const args = ['--events', '20000', '--seed', '3', '--log', 'kafka', '--minutes', '30', '--strike-every', '500'];
    expect(parse(...args)).toEqual({
      events: 20_000,
      seed: 3,
      log: 'kafka',
      minutes: 30,
      clients: 8,
      strikeEvery: 500,
      outageSeconds: 60,
    });
  });

  it.each([['--help'], ['-h']])('may ask for help: %s', (flag) => {
    expect(parse(flag)).toBeUndefined();
  });

  it.each([
    [['--events', '0'], '--events 0: must be a whole number from 1 to 1000000'],
    [['--events', 'many'], '--events many: must be a whole number from 1 to 1000000'],
    [['--seed', '-1'], '--seed'],
    [['--seed', '1.5'], '--seed 1.5: must be a whole number from 0 to 4294967295'],
    [['--log', 'rabbit'], '--log rabbit: must be postgres or kafka'],
    [['--evnets', '5'], "Unknown option '--evnets'"],
    [['5'], "Unexpected argument '5'"],
    [['--events', '0', '--clients', '0'], '--events 0: must be a whole number from 1 to 1000000\n--clients 0:'],
  ])('say what is wrong with %j', (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(message);
  });
});
