import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** A layer may import its own layer and those before it. */
const LAYERS = ['util', 'contract', 'adapter', 'runtime', 'kit', 'app'];

/** What each scope may import, besides itself. */
const SCOPES = {
  shared: [],
  function: ['shared'],
  platform: ['shared', 'function'],
  domain: ['shared', 'function'],
  testing: ['shared', 'function', 'platform'],
  suite: ['shared', 'function', 'platform', 'domain', 'testing'],
};

const layerRules = LAYERS.map((layer, rank) => ({
  sourceTag: `type:${layer}`,
  // No app imports an app.
  onlyDependOnLibsWithTags: LAYERS.slice(0, layer === 'app' ? rank : rank + 1).map((name) => `type:${name}`),
}));

const scopeRules = Object.entries(SCOPES).map(([scope, allowed]) => ({
  sourceTag: `scope:${scope}`,
  onlyDependOnLibsWithTags: [scope, ...allowed].map((name) => `scope:${name}`),
}));

const boundaries = (depConstraints) => ({
  '@nx/enforce-module-boundaries': ['error', { enforceBuildableLibDependency: false, allow: [], depConstraints }],
});

export default tseslint.config(
  { ignores: ['**/node_modules', '**/dist', '**/.ebb', '.nx', 'tmp', '**/test-d/**'] },
  js.configs.recommended,
  { plugins: { '@nx': nx } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...boundaries([...layerRules, ...scopeRules]),
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
        { selector: 'ExportDefaultDeclaration', message: 'Use a named export.' },
      ],
    },
  },
  {
    // Configuration is read in one place (loadConfig), so that every problem is reported at once.
    files: ['**/src/**/*.ts'],
    ignores: [
      '**/*.test.ts',
      '**/*.fixture.ts',
      '**/main.ts',
      'libs/core/src/config/**',
      'apps/cli/**',
      'libs/testing/**',
      'libs/test-database/**',
      'test/**',
    ],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Use loadConfig of @ebb/core.' },
      ],
    },
  },
  {
    // Tests may use the kit whatever their own layer; production code cannot.
    files: ['**/*.test.ts', '**/*.fixture.ts'],
    rules: {
      ...boundaries([{ sourceTag: '*', onlyDependOnLibsWithTags: ['*'] }]),
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          ...['process', 'console', 'performance', 'Buffer', 'URL'],
          ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  prettier,
);
