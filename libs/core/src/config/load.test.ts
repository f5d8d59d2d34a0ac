import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig } from './load.ts';
import * as setting from './settings.ts';

const settings = {
  PORT: setting.port({ description: 'where to listen', default: 8080 }),
  WORKERS: setting.integer({ description: 'how many', min: 1, max: 4 }),
  LEVEL: setting.choice(['info', 'debug'], { description: 'how much to log', default: 'info' }),
  TIMEOUT: setting.duration({ description: 'how long to wait', default: 1_000 }),
  SCHEMAS: setting.list({ description: 'which ones', default: [] }),
  ENDPOINT: setting.optional(setting.url({ description: 'where to send' })),
  DATABASE_URL: setting.secret({ description: 'the database' }),
};

describe('loadConfig', () => {
  it('gives typed values and defaults', () => {
    const config = loadConfig(settings, {
      WORKERS: '2',
      TIMEOUT: '5s',
      SCHEMAS: 'a, b,',
      DATABASE_URL: 'postgres://u:p@h/d',
    });
    expect(config).toMatchObject({ PORT: 8080, WORKERS: 2, LEVEL: 'info', TIMEOUT: 5_000, SCHEMAS: ['a', 'b'] });
    expect(config.ENDPOINT).toBeUndefined();
    expect(config.DATABASE_URL.reveal()).toBe('postgres://u:p@h/d');
  });

  it('reports every problem at once, with what was given and what it is for', () => {
    const load = () => loadConfig(settings, { PORT: '70000', WORKERS: 'many', LEVEL: 'loud', ENDPOINT: 'nowhere' });
    expect(load).toThrow(ConfigError);
    expect(problemsOf(load)).toEqual([
      'PORT must be a whole number from 0 to 65535 (it is "70000"): where to listen',
      'WORKERS must be a whole number from 1 to 4 (it is "many"): how many',
      'LEVEL must be one of info, debug (it is "loud"): how much to log',
      'ENDPOINT must be an absolute URL (it is "nowhere"): where to send',
      'DATABASE_URL is required: the database',
    ]);
  });

  it('takes an empty variable for an absent one', () => {
    expect(problemsOf(() => loadConfig(settings, { WORKERS: '', DATABASE_URL: 'x' }))).toEqual([
      'WORKERS is required: how many',
    ]);
  });

  it('knows whose address a setting is', () => {
    const SHOP_URL = setting.service('shop', { description: 'where the shop is' });
    expect(SHOP_URL.service).toBe('shop');
    expect(loadConfig({ SHOP_URL }, { SHOP_URL: 'http://shop.localhost:8080' })).toEqual({
      SHOP_URL: 'http://shop.localhost:8080',
    });
    expect(problemsOf(() => loadConfig({ SHOP_URL }, {}))).toEqual(['SHOP_URL is required: where the shop is']);
  });

  it('takes as a key what has 32 bytes, and says nothing of what does not', () => {
    const keys = { TOKEN_KEY: setting.key({ description: 'signs' }) };
    const key = Buffer.alloc(32, 'k').toString('base64');
    expect(loadConfig(keys, { TOKEN_KEY: key }).TOKEN_KEY.reveal()).toBe(key);
    for (const other of ['hunter2', Buffer.alloc(31).toString('base64'), `${key}!`]) {
      expect(problemsOf(() => loadConfig(keys, { TOKEN_KEY: other }))).toEqual([
        'TOKEN_KEY must be 32 bytes in base64, such as `openssl rand -base64 32` gives: signs',
      ]);
    }
  });

  it('shows a secret nowhere', () => {
    const config = loadConfig(settings, { WORKERS: '1', DATABASE_URL: 'hunter2' });
    const shown = [JSON.stringify(config), inspect(config), String(config.DATABASE_URL)];
    expect(shown.join()).not.toContain('hunter2');
  });
});

function problemsOf(load: () => unknown): readonly string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
