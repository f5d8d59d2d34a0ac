import type { Client } from 'pg';
import { scramVerifier } from './scram.ts';

/**
 * Gives a role a password and the right to log in. The server gets a verifier, so that no log of statements shows the password.
 * How slow a guess is made is the server's decision (`scram_iterations`): with passwords nobody can guess, each connection would pay for it.
 */
export async function setPassword(client: Client, role: string, password: string): Promise<void> {
  const { rows } = await client.query<{ iterations: string | null }>(
    `SELECT current_setting('scram_iterations', true) AS iterations`,
  );
  const iterations = rows[0]?.iterations;
  const verifier = iterations ? scramVerifier(password, Number(iterations)) : scramVerifier(password);
  // A role's password cannot be a parameter; the literal is quoted by the driver.
  await client.query(`ALTER ROLE ${client.escapeIdentifier(role)} LOGIN PASSWORD ${client.escapeLiteral(verifier)}`);
}
