import { openApiEndpoint } from './documents/open-api-endpoint.ts';
import { referencePage } from './documents/reference-page.ts';
import { startPolicies, type PolicyContext, type RunningPolicies } from './policies.ts';
import type { TableSource } from './routing/table-source.ts';
import { startGateway, type GatewayContext } from './start-gateway.ts';

export interface RunContext extends GatewayContext, Omit<PolicyContext, 'config' | 'log'> {
  readonly config: GatewayContext['config'] & PolicyContext['config'] & { readonly API_TITLE: string };
  readonly signal: AbortSignal;
  readonly ready: () => void;
  readonly notReady: (reason: string) => void;
}

/** Runs the gateway until the signal is aborted, and what is in flight is answered. */
export async function runGateway(context: RunContext): Promise<void> {
  const { signal } = context;
  let policies: RunningPolicies | undefined;
  const gateway = await startGateway(
    context,
    (source) => {
      policies = startPolicies(context, source);
      return policies.policies;
    },
    (source) => [openApiEndpoint(() => source.table, context.config.API_TITLE), ...referencePage()],
  );
  tellReadiness(gateway.source, context);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await gateway.stop();
  await policies?.close();
}

/**
 * Not ready before both files were valid once: a request could not be told from one that has no route. After that what is served goes on
 * being served, whatever becomes of the files: to turn all requests away would help nobody; log and metrics tell.
 */
function tellReadiness(source: TableSource, { ready, notReady }: RunContext): void {
  const tell = (): void => {
    if (source.isComplete) ready();
    else notReady(`the routes are not known: ${source.troubles.join('; ')}`);
  };
  source.onTable(tell);
  source.onTroubles(tell);
}
