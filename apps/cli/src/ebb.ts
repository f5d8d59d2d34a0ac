import { Command, CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { build } from './commands/build.ts';
import { canary } from './commands/canary.ts';
import { dead } from './commands/dead/dead.ts';
import { deploy } from './commands/deploy/deploy.ts';
import { describe } from './commands/describe.ts';
import { openapi } from './commands/openapi.ts';
import { publish } from './commands/publish.ts';
import { render } from './commands/render.ts';
import { reset } from './commands/reset.ts';
import { rollback } from './commands/rollback.ts';
import { status } from './commands/status.ts';
import { tail } from './commands/tail.ts';
import { trace } from './commands/trace.ts';
import { up } from './commands/up.ts';
import { EXIT, reportFailure } from './exit.ts';

/** Whoever mistyped is told where to look. */
function withHint(command: Command, parent: string): Command {
  const name = `${parent} ${command.name()}`;
  command.showHelpAfterError(`See: ${name} --help`);
  for (const sub of command.commands) withHint(sub, name);
  return command;
}

const program = new Command('ebb')
  .description('Serverless on your own cluster, in TypeScript')
  .version(manifest.version)
  .exitOverride()
  .showSuggestionAfterError()
  .showHelpAfterError('See: ebb --help')
  .addHelpText(
    'after',
    '\nStart with: ebb up\nThen, in a second terminal: ebb publish dev.ebb.orders.order.placed.v1 --example',
  );

for (const command of [
  up,
  publish,
  status,
  tail,
  trace,
  dead,
  describe,
  openapi,
  build,
  render,
  deploy,
  rollback,
  canary,
  reset,
]) {
  program.addCommand(withHint(command().exitOverride(), 'ebb'));
}

// `ebb tail | head` closes our output early: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else process.exitCode = reportFailure(error);
}
