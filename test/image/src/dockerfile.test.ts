import { describe, expect, it } from '@jest/globals';
import { problemsOf } from './dockerfile-rules.ts';
import { textOf } from './workspace.ts';

const good = textOf('docker/Dockerfile');

describe('the Dockerfile', () => {
  it('keeps the rules', () => {
    expect(problemsOf(good)).toEqual([]);
  });

  const mistakes: readonly (readonly [string, (text: string) => string, string])[] = [
    [
      'a tag alone',
      (text) => text.replace(/(ARG BASE_IMAGE=\S+)@sha256:\w+/, '$1'),
      'BASE_IMAGE is not pinned by a digest',
    ],
    [
      'the latest image',
      (text) => text.replace(/(ARG NODE_IMAGE=\S+):24\S+/, '$1:latest'),
      'NODE_IMAGE is whatever is latest',
    ],
    [
      'an image of its own',
      (text) => text.replace('FROM ${BASE_IMAGE}', 'FROM debian:13'),
      'FROM debian:13 is no argument',
    ],
    ['a syntax line', (text) => `# syntax=docker/dockerfile:1\n${text}`, 'a syntax line fetches'],
    ['root', (text) => text.replace('USER 65532:65532', 'USER 0:0'), 'USER is no number other than root'],
    ["a user's name", (text) => text.replace('USER 65532:65532', 'USER nonroot'), 'USER is no number'],
    ['no user', (text) => text.replace('USER 65532:65532', ''), 'USER is no number'],
    [
      'a shell',
      (text) => text.replace(/ENTRYPOINT .*/, 'ENTRYPOINT node /app/service.cjs'),
      'ENTRYPOINT is no JSON list',
    ],
    [
      'a flag of V8',
      (text) => text.replace('node", "', 'node", "--max-old-space-size=64", "'),
      'V8 reject the code cache',
    ],
    ['a shell for CMD', (text) => `${text}CMD --describe\n`, 'CMD is no JSON list'],
    ['a step at the end', (text) => `${text}RUN true\n`, 'RUN in the last stage'],
    ['a certificate for ever', (text) => `${text}ENV NODE_EXTRA_CA_CERTS=/ca\n`, 'costs time at each start'],
    ['ADD', (text) => `${text}ADD https://example.org/x /x\n`, 'may fetch and unpack'],
    ['a password', (text) => text.replace('ARG SERVICE\n', 'ARG SERVICE\nARG NPM_TOKEN\n'), 'stays in the history'],
    ['scripts of packages', (text) => text.replace('--ignore-scripts ', ''), 'runs the scripts of packages'],
    ['what is newest', (text) => text.replace('npm ci', 'npm install'), 'npm install takes what is newest'],
    [
      'a cache of another platform',
      (text) =>
        text.replace('FROM ${NODE_IMAGE} AS finished', 'FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS finished'),
      'makes the code cache on another platform',
    ],
    [
      'an emulated installation',
      (text) =>
        text.replace('FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS packages', 'FROM ${NODE_IMAGE} AS packages'),
      'installs in an emulation',
    ],
    [
      'a label that is missing',
      (text) => text.replace('org.opencontainers.image.revision=', 'revision='),
      'no label revision',
    ],
    ['another signal', (text) => text.replace('STOPSIGNAL SIGTERM', 'STOPSIGNAL SIGKILL'), 'STOPSIGNAL is not SIGTERM'],
  ];
  it.each(mistakes)('would not pass with %s', (_what, change, problem) => {
    const changed = change(good);
    expect(changed).not.toBe(good);
    expect(problemsOf(changed)).toEqual([expect.stringContaining(problem)]);
  });
});

describe('what the builder gets to see', () => {
  const lines = textOf('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

  it('is what is named, and nothing else', () => {
    expect(lines[0]).toBe('**');
    expect(lines.filter((line) => line.startsWith('!'))).toEqual([
      ...['!.npmrc', '!package.json', '!package-lock.json', '!tsconfig.base.json'],
      ...['!docker/build.mjs', '!docker/services.mjs', '!tools/bundle.mjs'],
      ...['!apps', '!libs', '!test/*/package.json', '!test/conformance'],
    ]);
  });

  it('has nothing that was installed, built or kept secret', () => {
    const lastAllowed = lines.findLastIndex((line) => line.startsWith('!'));
    expect(lines.slice(lastAllowed + 1)).toEqual(
      expect.arrayContaining(['**/node_modules', '**/dist', '**/.ebb', '**/.env*']),
    );
  });
});
