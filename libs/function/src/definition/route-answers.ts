import type { Readable } from 'node:stream';

import type { Problem } from '@ebb/core';
import type { StandardSchemaV1 } from '@ebb/events';

/** One answer of a route: what its body looks like, and what its headers mean. */
export interface AnswerOptions {
  /** Of the body, as JSON; without one there is no body. */
  readonly schema?: StandardSchemaV1;
  /** Of a body that is no JSON, such as `text/html`; the handler gives it as text, bytes or a stream. */
  readonly contentType?: string;
  readonly description?: string;
  /** Header → what it says. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Status → answer; a text stands for a problem document (RFC 9457) of that meaning. */
export type AnswersOptions = Readonly<Record<number, AnswerOptions | string>>;

/** Values that are only read may be given as such. */
type Given<T> = { readonly [Key in keyof T]: Given<T[Key]> };

interface WithHeaders {
  readonly headers?: Readonly<Record<string, string>>;
}

type AnswerFor<Status, Answer> = Answer extends string
  ? WithHeaders & {
      readonly status: Status;
      /** Of this very case; without it the meaning that `answers` gives. */
      readonly detail?: string;
      readonly extensions?: Omit<Partial<Problem>, 'status' | 'detail'>;
    }
  : Answer extends { readonly contentType: string }
    ? WithHeaders & { readonly status: Status; readonly body: string | Uint8Array | Readable }
    : Answer extends { readonly schema: infer Schema extends StandardSchemaV1 }
      ? WithHeaders & { readonly status: Status; readonly body: Given<StandardSchemaV1.InferInput<Schema>> }
      : WithHeaders & { readonly status: Status; readonly body?: undefined };

/** What a handler may return: one of its documented answers. */
export type AnswerOf<Answers extends AnswersOptions> = {
  [Status in keyof Answers & number]: AnswerFor<Status, Answers[Status]>;
}[keyof Answers & number];

/** An answer of any route, as the runtime sees it. */
export interface AnyAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly detail?: string;
  readonly extensions?: Omit<Partial<Problem>, 'status' | 'detail'>;
}

export interface AnswerDefinition {
  readonly description: string;
  readonly schema?: StandardSchemaV1;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether its body is a problem document. */
  readonly problem: boolean;
}

export type AnswersDefinition = ReadonlyMap<number, AnswerDefinition>;
