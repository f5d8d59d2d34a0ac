import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JARS } from './jar-list.ts';
import { ensureJars, hasJars, jarFolder } from './jars.ts';
import { findJava } from './java.ts';
import { mavenRepository } from './maven.ts';

const CENTRAL = 'https://repo.maven.apache.org/maven2';
let home: string;
let server: Server;
let asked: string[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'ebb-sources-'));
  server = createServer((req, res) => {
    asked.push(req.url ?? '');
    res.end('not the file');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
  rmSync(home, { recursive: true });
});

describe('the Maven repository', () => {
  const settings = (mirrors: string): string => {
    mkdirSync(join(home, '.m2'), { recursive: true });
    writeFileSync(join(home, '.m2/settings.xml'), `<settings><mirrors>${mirrors}</mirrors></settings>`);
    return mavenRepository({ home });
  };
  const mirror = (of: string, url: string): string =>
    `<mirror><id>m</id><mirrorOf>${of}</mirrorOf><url>${url}</url></mirror>`;

  it('is the one that is set, then a mirror of Maven, then Central', () => {
    expect(mavenRepository({})).toBe(CENTRAL);
    expect(settings(mirror('other,central', 'https://m.example/repo/'))).toBe('https://m.example/repo');
    expect(settings(mirror('*', 'http://m.example'))).toBe('http://m.example');
    expect(mavenRepository({ url: 'http://own.example/', home })).toBe('http://own.example');
    expect(settings(mirror('other', 'http://m.example'))).toBe(CENTRAL);
    expect(settings(`<!-- ${mirror('*', 'http://m.example')} -->`)).toBe(CENTRAL);
  });
});

describe('the jars', () => {
  it('are all pinned', () => {
    expect(JARS).toHaveLength(46);
    for (const [path, sha256] of JARS)
      expect([path, sha256]).toEqual([
        expect.stringMatching(/^[\w./-]+\.jar$/),
        expect.stringMatching(/^[\da-f]{64}$/),
      ]);
  });

  it('are refused when they are not the ones of the list, and nothing of them is kept', async () => {
    const cache = join(home, 'cache');
    const repository = `http://127.0.0.1:${(server.address() as AddressInfo).port}/maven`;
    await expect(ensureJars({ cache, repository })).rejects.toThrow(/SHA-256 differs.*set MAVEN_REPO_URL/);
    expect(hasJars(cache)).toBe(false);
    expect(asked[0]).toMatch(/^\/maven\/[\w./-]+\.jar$/);
    asked = [];
  });

  it('that were changed on disk are asked for again', async () => {
    const cache = join(home, 'spoilt');
    const [path, sha256] = JARS[0]!;
    const file = join(jarFolder(cache), path.split('/').at(-1)!);
    mkdirSync(jarFolder(cache), { recursive: true });
    writeFileSync(file, 'spoilt');
    await expect(
      ensureJars({ cache, repository: 'http://127.0.0.1:1', onDownload: (jars) => expect(jars).toBe(46) }),
    ).rejects.toThrow(/could not be downloaded from 127.0.0.1/);
    expect(existsSync(file) && createHash('sha256').update(readFileSync(file)).digest('hex') === sha256).toBe(false);
  });
});

describe('Java', () => {
  it('that is missing is told in one sentence, with what to install', async () => {
    await expect(findJava(join(home, 'no-java'))).rejects.toThrow(
      /^the embedded Kafka needs Java 17 or later, and there is none: install it \(.+\), or give the address of a Kafka$/,
    );
  });
});
