import { derivedId, HttpProblem, newId } from '@ebb/core';

const MAX_LENGTH = 200;

/**
 * The restock's id: the same Idempotency-Key always names the same restock; without one each request is a new one.
 * @throws HttpProblem 400 when the key cannot be used
 */
export function restockIdOf(idempotencyKey: string | undefined): string {
  if (idempotencyKey === undefined) return newId();
  if (idempotencyKey.trim() === '' || idempotencyKey.length > MAX_LENGTH) {
    throw new HttpProblem(400, `the header Idempotency-Key must have 1 to ${MAX_LENGTH} characters`);
  }
  return derivedId(`restock:${idempotencyKey}`);
}
