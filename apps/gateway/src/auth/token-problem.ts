/** What is wrong with a token, in words that tell whoever made it up nothing that helps. */
export const TOKEN_PROBLEMS = {
  malformed: 'the token is malformed',
  expired: 'the token has expired',
  early: 'the token is not valid yet',
  foreign: 'the token was not issued for this API',
  false: 'the token is not genuine',
} as const;

export type TokenProblem = keyof typeof TOKEN_PROBLEMS;

/** A token is not believed. */
export class TokenRefusedError extends Error {
  readonly problem: TokenProblem;

  constructor(problem: TokenProblem, options?: ErrorOptions) {
    super(TOKEN_PROBLEMS[problem], options);
    this.name = 'TokenRefusedError';
    this.problem = problem;
  }
}

/** Whether a token is genuine cannot be told: its issuer's keys could not be had. */
export class KeysAwayError extends Error {
  constructor(issuer: string, options?: ErrorOptions) {
    super(`the keys of ${issuer} cannot be had`, options);
    this.name = 'KeysAwayError';
  }
}
