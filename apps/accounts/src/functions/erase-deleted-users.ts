import { defineFunction } from '@ebb/function';
import { ErasureFellDue } from '@ebb/schemas';
import { DELETION_EVENTS } from '../actions/delete-user.ts';
import { eraseUser } from '../actions/erase-user.ts';
import { RESTORABLE_MS } from '../domain/user.ts';
import { TOKEN_SETTINGS } from '../settings.ts';
import type { Origin } from '../store/audit.ts';
import { lockRoles } from '../store/roles.ts';
import { lockDeleted } from '../store/user-erasure.ts';

const NOBODY: Origin = { actorId: undefined, requestId: undefined, clientHash: undefined };
/** A night has time for more; what is left comes the next hour. */
const MAX_AT_ONCE = 200;

/** Erases those whom nobody has brought back in time. */
export const eraseDeletedUsers = defineFunction('erase-deleted-users', {
  on: ErasureFellDue,
  emits: DELETION_EVENTS,
  settings: TOKEN_SETTINGS,
  timeout: '60s',
  async handle(_event, { db, emit, config, log }) {
    // Before any user, as everybody else takes these locks.
    await lockRoles(db);
    const due = await lockDeleted(db, RESTORABLE_MS, MAX_AT_ONCE);
    for (const userId of due) await eraseUser({ db, emit }, NOBODY, userId, config.TOKEN_KEY);
    if (due.length > 0) log.info({ erased: due.length }, 'erased what was deleted long ago');
  },
});
