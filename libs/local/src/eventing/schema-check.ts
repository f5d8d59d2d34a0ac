import type { CatalogueEntry, EventEntry, JsonSchema } from '@ebb/catalogue';
import { HttpProblem, type Json } from '@ebb/core';
import type { CloudEvent } from '@ebb/events';
import type { ValidateFunction } from 'ajv';
import type { BrokerEntry } from './broker-registry.ts';
import { closest } from './closest.ts';
import { violationsOf } from './schema-violations.ts';

/** A hostile type may be long, and the comparison with known types costs its length. */
const MAX_COMPARED_LENGTH = 256;

/** Checks events against what the catalogue declares. */
export interface SchemaCheck {
  /** @throws HttpProblem 422 for a type that is not declared for the broker's topic, and for data that breaks its schema */
  check(broker: BrokerEntry, event: CloudEvent): Promise<void>;
  /** @throws HttpProblem 422 for a type that is not declared, and for data that breaks its schema */
  checkData(type: string, data: Json | undefined): Promise<void>;
  /** The declaration of a type. @throws HttpProblem 422 naming the closest known types */
  declared(type: string): EventEntry;
}

export function createSchemaCheck(catalogue: () => readonly CatalogueEntry[]): SchemaCheck {
  // Keyed by the schema itself, so that a reloaded definition is compiled anew and the old one is forgotten.
  const compiled = new WeakMap<JsonSchema, ValidateFunction>();
  const events = (): EventEntry[] => catalogue().flatMap((entry) => entry.events);

  const declared = (type: string): EventEntry => {
    const known = events();
    const entry = known.find((candidate) => candidate.type === type);
    if (entry) return entry;
    throw undeclared(type, known);
  };
  const validatorOf = async (schema: JsonSchema): Promise<ValidateFunction> => {
    // The compiler is loaded with the first event that is checked: a runtime that checks nothing starts without it.
    const validator = compiled.get(schema) ?? (await import('./schema-compiler.ts')).compileSchema(schema);
    compiled.set(schema, validator);
    return validator;
  };
  const checkAgainst = async ({ type, schema }: EventEntry, data: unknown): Promise<void> => {
    const validate = await validatorOf(schema);
    if (validate(data ?? null)) return;
    throw new HttpProblem(422, `the data of ${type} does not fit its schema`, {
      extensions: { violations: violationsOf(validate.errors ?? []) },
    });
  };
  return {
    declared,
    checkData: (type, data) => checkAgainst(declared(type), data),
    async check(broker, event) {
      const entry = declared(event.type);
      if (entry.topic !== broker.topic) throw misdirected(broker, entry);
      await checkAgainst(entry, event.data);
    },
  };
}

function undeclared(type: string, known: readonly EventEntry[]): HttpProblem {
  const names = known.map((entry) => entry.type);
  const near = closest(type.slice(0, MAX_COMPARED_LENGTH), names);
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'npx ebb describe lists those that are';
  return new HttpProblem(422, `no service declares events of type ${type}; ${hint}`, {
    extensions: { closestTypes: near },
  });
}

function misdirected(broker: BrokerEntry, { type, topic }: EventEntry): HttpProblem {
  const detail = `${type} travels on the topic ${topic}, not on ${broker.topic} of broker ${broker.name}`;
  return new HttpProblem(422, detail, { extensions: { topic } });
}
