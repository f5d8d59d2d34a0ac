import { defineFunction, defineService, serve } from '@ebb/function';
import { OrderPlaced } from '@ebb/schemas';

/** Does nothing, so that what is measured is the runtime: parsing, checking against the schema, tracing, answering. */
const take = defineFunction('take', { on: OrderPlaced, concurrency: 100, handle: () => Promise.resolve() });

serve(defineService('plain', { functions: [take] }));
