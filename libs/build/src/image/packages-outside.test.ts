import { describe, expect, it } from '@jest/globals';

import type { Metafile } from '../compile.ts';
import { packagesOutside } from './packages-outside.ts';

describe('packages outside of a bundle', () => {
  it('are those that nobody installed in an image', () => {
    const loads = (...paths: string[]): Metafile => ({
      inputs: {},
      outputs: {
        'service.cjs': {
          ...{ bytes: 1, inputs: {}, exports: [] },
          imports: paths.map((path) => ({ path, kind: 'require-call', external: true })),
        },
      },
    });
    expect(packagesOutside(loads('node:http', 'fs/promises', 'pg-native'))).toEqual([]);
    expect(packagesOutside(loads('sharp', 'node:fs', '@scope/addon', 'sharp'))).toEqual(['@scope/addon', 'sharp']);
  });
});
