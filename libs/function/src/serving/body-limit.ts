/** What one request may carry: an event, or the body of a route that says nothing else. */
export const MAX_BODY_BYTES = 1_048_576;
