/** A module of its own, so that a bundler takes the converter and not the whole of zod when it is imported on demand. */
export { toJSONSchema } from 'zod/v4/core';
