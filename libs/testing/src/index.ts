export { eventually, testDatabase, type EventuallyOptions, type TestDatabase } from '@ebb/test-database';
export { exampleOf } from './example-of.ts';
export type { Answer, RequestOptions } from './in-memory-http.ts';
export { testFunction, type TestFunction } from './test-function.ts';
export { testService, type Delivery, type Reply, type TestService, type TestServiceOptions } from './test-service.ts';
