import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readJson, writeWhole, type StateDirectory } from '../workspace/state.ts';

const PASSWORD_BYTES = 24;

/** One random password per database role, made when it is first asked for and kept (mode 0600) with the data. */
export class RolePasswords {
  readonly #file: string;
  readonly #passwords: Record<string, string>;

  constructor(state: StateDirectory) {
    this.#file = join(state.folder('run'), 'roles.json');
    this.#passwords = readJson<Record<string, string>>(this.#file) ?? {};
  }

  of(role: string): string {
    const known = this.#passwords[role];
    if (known !== undefined) return known;
    const made = randomBytes(PASSWORD_BYTES).toString('base64url');
    this.#passwords[role] = made;
    writeWhole(this.#file, this.#passwords);
    return made;
  }
}
