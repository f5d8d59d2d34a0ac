/** Who may call a route. The gateway and the service both see to it. */
export type Access<Param extends string = string> =
  | 'anyone'
  | 'signed-in'
  | {
      /** One of these is enough. */
      readonly roles?: readonly string[];
      /** All of these are needed. */
      readonly scopes?: readonly string[];
      /** The path parameter that must be the caller's own subject; one of `roles` does as well. */
      readonly owner?: Param;
    }
  | {
      /** The secret setting that holds the bearer token of other services; such a route is never reached through the gateway. */
      readonly token: string;
    };

/** Who a request comes from, as the gateway found out. */
export interface Caller {
  /** The user, as the issuer names it. */
  readonly subject: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** Who vouched for the user. */
  readonly issuer: string;
  readonly sessionId?: string;
}

/** What a handler knows of its caller: someone, wherever the route asks for it. */
export type CallerFor<A> = A extends 'anyone'
  ? Caller | undefined
  : A extends { readonly token: string }
    ? undefined
    : Caller;

/** Whether a route with this access has to know who calls. */
export function needsCaller(access: Access): boolean {
  return access !== 'anyone' && tokenOf(access) === undefined;
}

/** The setting with the token that a route asks for, if it asks for one. */
export function tokenOf(access: Access): string | undefined {
  return typeof access === 'object' && 'token' in access ? access.token : undefined;
}
