/** How long a delivery is remembered where nothing else is said. */
export const INBOX_RETENTION_MS = 14 * 86_400_000;
