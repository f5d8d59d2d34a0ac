import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeMachine, type Ran } from './scripts.fixture.ts';

let machine: FakeMachine;
beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.remove());

const matches = ({ calls }: Ran, pattern: RegExp): readonly (string | undefined)[] =>
  calls.flatMap((call) => [...call.matchAll(pattern)].map(([, found]) => found)).sort();

describe('images.sh', () => {
  it.each([
    ['kind', /^kind load docker-image --name ebb (\S+)$/g],
    ['minikube', /^minikube image load --profile ebb (\S+)$/g],
  ])('loads into %s what it built, all of it', async (where, loaded) => {
    const env = { EBB_REGISTRY: 'dev.local/other', EBB_TAG: '7.8.9' };
    const ran = await machine.run(`images.sh ${where}`, env);
    expect({ code: ran.code, output: ran.output }).toMatchObject({ code: 0 });
    const built = matches(ran, / --tag (\S+)/g);
    expect(built).toContain('dev.local/other/conformance:7.8.9');
    expect(built).toContain('dev.local/other/orders:7.8.9');
    expect(matches(ran, loaded)).toEqual(built);
  });
});
