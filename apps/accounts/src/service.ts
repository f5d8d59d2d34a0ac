import { defineService } from '@ebb/function';
import { AUDIENCE, ISSUER } from './actions/access-token.ts';
import { eraseDeletedUsers } from './functions/erase-deleted-users.ts';
import { rotateSigningKeys } from './functions/rotate-signing-keys.ts';
import { tidyUp } from './functions/tidy-up.ts';
import { contactRoute, messageRoute } from './routes/contacts.ts';
import { askForResetRoute, changePasswordRoute, resetRoute } from './routes/passwords.ts';
import { grantRoleRoute, withdrawRoleRoute } from './routes/roles.ts';
import { confirmFactorRoute, enrolRoute, removeFactorRoute, secondFactorRoute } from './routes/second-factor.ts';
import { refreshRoute, sessionsRoute, signInRoute, signOutEverywhereRoute, signOutRoute } from './routes/sessions.ts';
import { signUpRoute, verificationMailRoute } from './routes/sign-ups.ts';
import { keySetRoute, rotateKeysRoute } from './routes/signing-keys.ts';
import { userAuditRoute } from './routes/users-audit.ts';
import { deleteUserRoute, eraseUserRoute, restoreUserRoute } from './routes/users-deletion.ts';
import { usersRoute } from './routes/users-list.ts';
import { changeUserRoute, inviteUserRoute, userRoute } from './routes/users.ts';
import { verificationRoute } from './routes/verifications.ts';
import { eraseDeleted, rotateKeys, tidy } from './schedules.ts';

/** Who people are: accounts, their sessions, and the keys that prove it to everybody else. */
export const accounts = defineService('accounts', {
  identity: { issuer: ISSUER, jwks: '/.well-known/jwks.json', audience: AUDIENCE },
  routes: [
    ...[signUpRoute, verificationMailRoute, verificationRoute],
    ...[signInRoute, refreshRoute, sessionsRoute, signOutRoute, signOutEverywhereRoute],
    ...[askForResetRoute, resetRoute, changePasswordRoute],
    ...[secondFactorRoute, enrolRoute, confirmFactorRoute, removeFactorRoute],
    ...[usersRoute, inviteUserRoute, userRoute, changeUserRoute],
    ...[deleteUserRoute, restoreUserRoute, eraseUserRoute, userAuditRoute],
    ...[grantRoleRoute, withdrawRoleRoute],
    ...[keySetRoute, rotateKeysRoute],
    ...[contactRoute, messageRoute],
  ],
  functions: [rotateSigningKeys, tidyUp, eraseDeletedUsers],
  schedules: [rotateKeys, tidy, eraseDeleted],
  database: { migrations: 'migrations' },
});
