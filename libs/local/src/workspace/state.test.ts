import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identify } from '@ebb/core';
import { AlreadyRunningError, StateDirectory } from './state.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ebb state '));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const claimFile = (): string => join(root, '.ebb/run/claim.json');

describe('a claim on a workspace', () => {
  it('keeps others out while its owner lives, and says where it runs', () => {
    const state = new StateDirectory(root);
    state.claim();
    state.announce({ port: 8081, otlpPort: 4318, url: 'http://localhost:8081' });
    expect(() => new StateDirectory(root).claim()).toThrow(AlreadyRunningError);
    expect(() => new StateDirectory(root).claim()).toThrow(`at http://localhost:8081 (process ${process.pid})`);
    state.release();
    expect(state.running()).toBeUndefined();
    new StateDirectory(root).claim();
  });

  it('of a process that is gone is taken over', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    const state = new StateDirectory(root);
    state.folder('run');
    writeFileSync(claimFile(), JSON.stringify({ pid: child.pid, startedAt: '1' }));
    state.claim();
    expect(readdirSync(join(root, '.ebb/run'))).toEqual(['claim.json']);
  });

  it('of a process whose number another one has by now is taken over', () => {
    const state = new StateDirectory(root);
    state.folder('run');
    writeFileSync(claimFile(), JSON.stringify({ ...identify(process.pid), startedAt: 'another time' }));
    state.claim();
  });

  it('that was cut off while it was written is taken over', () => {
    const state = new StateDirectory(root);
    state.folder('run');
    writeFileSync(claimFile(), '{"pid":');
    state.claim();
  });
});
