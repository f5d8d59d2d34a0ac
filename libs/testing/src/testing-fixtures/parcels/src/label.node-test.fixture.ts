import assert from 'node:assert/strict';
import test from 'node:test';
// eslint-disable-next-line @nx/enforce-module-boundaries -- the test copies this into a project of its own, where it is a package
import { exampleOf, run, testFunction } from '@ebb/testing';
import { label, Labelled, PARCELS_MIGRATIONS as migrations, Weighed } from './parcels.fixture.ts';

// What the runner of Node itself needs: nothing but this file.

await test('a parcel that was weighed gets a label', async () => {
  const { emitted, rows } = await run(label, exampleOf(Weighed), { migrations });
  assert.deepEqual(
    emitted.map(({ type }) => type),
    [Labelled.type],
  );
  assert.equal(rows.parcels?.length, 1);
});

await test('and one label, however often it comes, and whoever is killed over it', async () => {
  const fn = await testFunction(label, { migrations, module: new URL('./parcels.fixture.ts', import.meta.url) });
  try {
    const event = exampleOf(Weighed);
    await fn.crashAt('after-commit', event);
    const deliveries = await fn.deliverTwice(event, { concurrently: true });
    assert.deepEqual(
      deliveries.map(({ outcome }) => outcome),
      ['duplicate', 'duplicate'],
    );
    assert.equal((await fn.state()).rows.parcels?.length, 1);
  } finally {
    await fn.close();
  }
});
