import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findWorkspace, readWorkspaceConfig } from './config.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ebb-config-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (text: string): void => writeFileSync(join(root, 'ebb.config.json'), text);

describe('findWorkspace', () => {
  it('looks upwards for ebb.config.json', () => {
    write('{}');
    mkdirSync(join(root, 'a/b'), { recursive: true });
    expect(findWorkspace(join(root, 'a/b'))).toBe(root);
  });

  it('takes a package with an apps folder, too', () => {
    writeFileSync(join(root, 'package.json'), '{}');
    mkdirSync(join(root, 'apps/orders'), { recursive: true });
    expect(findWorkspace(join(root, 'apps/orders'))).toBe(root);
  });

  it('says what it looked for where there is none', () => {
    expect(() => findWorkspace(root)).toThrow(/no Ebb workspace here/);
  });
});

describe('readWorkspaceConfig', () => {
  it('has defaults', () => {
    expect(readWorkspaceConfig(root)).toEqual({ env: {}, images: {}, autoscaler: {} });
  });

  it('names an unknown key', () => {
    write('{"imagse": {}}');
    expect(() => readWorkspaceConfig(root)).toThrow('/imagse is not part of the schema');
  });

  it('names the place of a wrong value', () => {
    write('{"images": {"a:1": {"command": []}}}');
    expect(() => readWorkspaceConfig(root)).toThrow('/images/a:1/command');
  });

  it('names the file that is no JSON', () => {
    write('{');
    expect(() => readWorkspaceConfig(root)).toThrow(/ebb\.config\.json: not valid JSON/);
  });
});
