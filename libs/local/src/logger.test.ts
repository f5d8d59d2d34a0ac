import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runtimeLogger, ServiceLogs } from './logger.ts';
import type { Progress } from './progress.ts';

let folder: string;
let shown: Progress[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebb-logs-'));
  shown = [];
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('ServiceLogs', () => {
  it('keeps every line, and shows warnings, errors and what is no log line', () => {
    const logs = new ServiceLogs(folder, (progress) => shown.push(progress));
    const lines = [
      '{"level":"info","msg":"all is well"}',
      '{"level":"error","msg":"no","err":{"message":"disk full"}}',
      'printed by hand',
      '{"a":1}',
      '{half',
    ];
    for (const line of lines) logs.write('orders', line);
    expect(readFileSync(join(folder, 'orders.log'), 'utf8')).toBe(`${lines.join('\n')}\n`);
    expect(shown.map((progress) => progress.kind === 'log' && progress.line)).toEqual([
      'no: disk full',
      'printed by hand',
      '{"a":1}',
      '{half',
    ]);
  });
});

describe('runtimeLogger', () => {
  it('writes JSON lines, and tells a person of warnings', () => {
    const logger = runtimeLogger(folder, (progress) => shown.push(progress)).child({ part: 'x' });
    logger.info({ offset: 3n }, 'fine');
    logger.warn({ err: new Error('gone') }, 'away');
    const lines = readFileSync(join(folder, 'runtime.log'), 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { level: 'info', part: 'x', offset: '3', message: 'fine' },
      { level: 'warn', part: 'x', err: { message: 'gone' }, message: 'away' },
    ]);
    expect(shown).toEqual([{ kind: 'warning', message: 'away: gone' }]);
  });
});
