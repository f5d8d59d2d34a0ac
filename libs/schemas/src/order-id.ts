import * as z from 'zod/mini';

/** In lower case, whoever wrote it: it is a partition key, and keys are compared letter by letter. */
export const OrderId = z.uuid().check(z.toLowerCase());
