import { join } from 'node:path';
import { generateIdentityKeys } from '@ebb/function/identity';
import { readJson, writeWhole, type StateDirectory } from '../workspace/state.ts';

type Keys = ReturnType<typeof generateIdentityKeys>;

/** The key pair that callers are vouched for with, made when it is first asked for and kept (mode 0600) with the data. */
export class IdentityKeys {
  readonly #file: string;
  #keys: Keys | undefined;

  constructor(state: StateDirectory) {
    this.#file = join(state.folder('run'), 'identity.json');
  }

  get(): Keys {
    this.#keys ??= readJson<Keys>(this.#file) ?? this.#make();
    return this.#keys;
  }

  #make(): Keys {
    const keys = generateIdentityKeys();
    writeWhole(this.#file, keys);
    return keys;
  }
}
