import type { JsonSchema } from '@ebb/catalogue';

/** The name of the problem document among the components. */
export const PROBLEM = 'Problem';

const text = { type: 'string' } as const;

/** What every failure is answered with (RFC 9457); extensions may stand beside these members. */
export const problemSchema: JsonSchema = {
  type: 'object',
  description: 'What went wrong, as RFC 9457 has it.',
  properties: {
    type: { ...text, description: 'A URI that names the kind of problem; about:blank where the status says it all.' },
    title: text,
    status: { type: 'integer' },
    detail: { ...text, description: 'What is wrong with this very request.' },
    instance: text,
    violations: {
      type: 'array',
      description: 'Each place that does not fit.',
      items: {
        type: 'object',
        properties: { path: { ...text, description: 'A JSON Pointer.' }, message: text },
        required: ['path', 'message'],
      },
    },
    requestId: { ...text, description: 'Names the request in logs and traces.' },
  },
  required: ['type', 'title', 'status'],
};
