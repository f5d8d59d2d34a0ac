import type { Serving } from '../serving/serving.ts';

/** The part of serving that eventing uses: it can reach a service by name, and it can ask whether there is one. */
export type ServingPort = Pick<Serving, 'request' | 'has'>;
