export interface MigrateOptions {
  readonly url: string;
  readonly schema: string;
  /** The folder of the service's own SQL files, run after the platform's. */
  readonly directory?: string;
}

export interface ProvisionOptions {
  /** URL of the database, as a role that may create roles and schemas. */
  readonly adminUrl: string;
  readonly role: string;
  readonly schema: string;
  readonly password: string;
  /** The role that publishes the outbox; it must exist. */
  readonly relayRole?: string;
}

export declare function migrate(options: MigrateOptions): Promise<readonly string[]>;
export declare function provision(options: ProvisionOptions): Promise<void>;
