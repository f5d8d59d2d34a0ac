import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '@ebb/core';

import type { Access } from '../definition/route-access.ts';
import { defineRoute } from '../definition/route.ts';
import { defineService } from '../definition/service.ts';
import { generateIdentityKeys } from '../identity/keys.ts';
import { settingsOf } from './settings.ts';

const settingsWith = (access: Access<never>) => {
  const route = defineRoute('GET /', { summary: 'Ask', answers: { 204: {} }, access, handle: () => ({ status: 204 }) });
  return settingsOf(defineService('people', { routes: [route] }));
};

describe('the settings of a service', () => {
  it('have the keys of identities only where a route asks who calls', () => {
    expect(settingsWith('anyone')).not.toHaveProperty('EBB_IDENTITY_KEYS');
    expect(settingsWith('signed-in')).toHaveProperty('EBB_IDENTITY_KEYS');
    expect(settingsWith({ roles: ['admin'] })).toHaveProperty('EBB_IDENTITY_KEYS');
  });

  it.each([undefined, 'x', '[]', 'null', '{}', '{"keys":[]}', '{"keys":"x"}'])(
    'do not hold with %s instead of such keys',
    (keys) => {
      const read = () => loadConfig(settingsWith('signed-in'), { EBB_IDENTITY_KEYS: keys });
      expect(read).toThrow(/EBB_IDENTITY_KEYS (is required|must be a JWK Set)/);
    },
  );

  it('hold with the keys of the platform', () => {
    const { publicJwks } = generateIdentityKeys();
    const read = loadConfig(settingsWith('signed-in'), { EBB_IDENTITY_KEYS: publicJwks });
    expect(read).toMatchObject({ EBB_IDENTITY_KEYS: publicJwks });
  });
});
