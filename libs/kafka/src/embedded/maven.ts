import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const CENTRAL = 'https://repo.maven.apache.org/maven2';
const MIRROR = /<mirror>([\s\S]*?)<\/mirror>/g;

/** The Maven repository to download from: the one that is set, a mirror of Maven's own settings, or Maven Central. */
export function mavenRepository({
  url,
  home,
}: {
  readonly url?: string | undefined;
  readonly home?: string | undefined;
}): string {
  return (url ?? mirrorOfCentral(home) ?? CENTRAL).replace(/\/+$/, '');
}

function mirrorOfCentral(home: string | undefined): string | undefined {
  const file = home === undefined ? '' : join(home, '.m2/settings.xml');
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8').replaceAll(/<!--[\s\S]*?-->/g, '');
  for (const [, mirror = ''] of text.matchAll(MIRROR)) {
    const [of, url] = [contentOf(mirror, 'mirrorOf'), contentOf(mirror, 'url')];
    if (of.split(',').some(isCentral) && /^https?:/.test(url)) return url;
  }
  return undefined;
}

function isCentral(pattern: string): boolean {
  return ['central', '*', 'external:*'].includes(pattern.trim());
}

function contentOf(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]?.trim() ?? '';
}
