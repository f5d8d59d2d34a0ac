import type { JsonSchema } from '@ebb/catalogue';

import { PROBLEM, problemSchema } from './problem-schema.ts';

const NAME = /^[A-Za-z0-9._-]+$/;
const REFERENCE = '#/components/schemas/';

/**
 * The schemas of one document. Each comes as a document of its own, whose references start at its own root; here they are moved to
 * where the root is the whole document. A schema with a `title` is written once, under this name.
 */
export class Schemas {
  readonly #named = new Map<string, JsonSchema>([[PROBLEM, problemSchema]]);
  /** What a name stands for, as text: two services may give one title to different things. */
  readonly #texts = new Map<string, string>();

  /** The components, in order of their names. */
  get all(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#named].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** Takes a schema in, and returns what stands in its place. */
  add(schema: JsonSchema): JsonSchema {
    const { $defs = {} } = schema;
    const own = without(schema, ['$schema', '$defs']);
    const definitions = $defs as Readonly<Record<string, JsonSchema>>;
    const named = new Map<string, string>();
    // What a definition is depends on those beside it, which it refers to.
    for (const [key, definition] of Object.entries(definitions)) {
      named.set(`#/$defs/${key}`, this.#reserve(key, [definition, definitions]));
    }
    const isRecursive = refersTo(own, '#') || Object.values(definitions).some((each) => refersTo(each, '#'));
    const root = isRecursive ? this.#reserve(titleOf(own) ?? 'Recursive', [own, definitions]) : undefined;
    if (root !== undefined) named.set('#', root);
    for (const [key, definition] of Object.entries(definitions)) {
      this.#named.set(named.get(`#/$defs/${key}`) ?? key, this.#moved(definition, named));
    }
    if (root === undefined) return this.#moved(own, named);
    this.#named.set(root, this.#moved(own, named, true));
    return { $ref: `${REFERENCE}${root}` };
  }

  /** A reference to the problem document. */
  get problem(): JsonSchema {
    return { $ref: `${REFERENCE}${PROBLEM}` };
  }

  #moved(value: unknown, named: ReadonlyMap<string, string>, isRoot = false): JsonSchema {
    const moved = this.#move(value, named) as JsonSchema;
    const title = titleOf(moved);
    if (isRoot || title === undefined) return moved;
    const name = this.#reserve(title, moved);
    this.#named.set(name, moved);
    return { $ref: `${REFERENCE}${name}` };
  }

  /** Each schema inside is moved by itself, so that a title counts wherever it stands. */
  #move(value: unknown, named: ReadonlyMap<string, string>): unknown {
    if (Array.isArray(value)) return value.map((item: unknown) => (isSchema(item) ? this.#moved(item, named) : item));
    if (!isSchema(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, this.#movePart(key, part, named)]));
  }

  #movePart(key: string, part: unknown, named: ReadonlyMap<string, string>): unknown {
    if (key === '$ref') {
      const name = named.get(part as string);
      return name === undefined ? part : `${REFERENCE}${name}`;
    }
    if (LITERAL.has(key)) return part;
    if (MAPS.has(key) && isSchema(part)) {
      return Object.fromEntries(Object.entries(part).map(([name, each]) => [name, this.#moved(each, named)]));
    }
    return isSchema(part) ? this.#moved(part, named) : this.#move(part, named);
  }

  /** The name for what has this meaning: as wanted, or with a number where something else has it. */
  #reserve(wanted: string, meaning: unknown): string {
    const base = NAME.test(wanted) ? wanted : wanted.replaceAll(/[^A-Za-z0-9._-]+/g, '_');
    const text = JSON.stringify(meaning);
    for (let nth = 1; ; nth += 1) {
      const name = nth === 1 ? base : `${base}${nth}`;
      const known = this.#texts.get(name);
      if (known === text) return name;
      if (known === undefined && name !== PROBLEM) {
        this.#texts.set(name, text);
        return name;
      }
    }
  }
}

/** What stands here is data, not a schema, whatever it looks like. */
const LITERAL = new Set(['const', 'enum', 'example', 'examples', 'default', 'required']);
/** Below these, keys are the author's own names. */
const MAPS = new Set(['properties', 'patternProperties', 'dependentSchemas']);

function titleOf({ title }: JsonSchema): string | undefined {
  return typeof title === 'string' && title !== '' ? title : undefined;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refersTo(value: unknown, target: string): boolean {
  if (Array.isArray(value)) return value.some((item) => refersTo(item, target));
  if (!isSchema(value)) return false;
  return Object.entries(value).some(([key, part]) =>
    key === '$ref' ? part === target : !LITERAL.has(key) && refersTo(part, target),
  );
}

function without(schema: JsonSchema, names: readonly string[]): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)));
}
