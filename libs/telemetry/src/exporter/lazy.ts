import { EbbError, messageOf, type Logger } from '@ebb/core';
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';

export interface OtlpExporterOptions {
  /** Base URL of the receiver; /v1/traces is added. */
  readonly endpoint: string;
  readonly timeoutMs: number;
  readonly logger: Logger;
}

/**
 * An OTLP exporter whose code is loaded with the first batch: a process that is waked by an event answers it first.
 * When the receiver is away, spans are dropped; one warning says so, and another only after it was back.
 * @throws EbbError EBB_CONFIG when the endpoint is no http(s) URL
 */
export function lazyOtlpExporter({ endpoint, timeoutMs, logger }: OtlpExporterOptions): SpanExporter {
  const url = tracesUrl(endpoint);
  const load = async () => (await import('./otlp.ts')).otlpSender(url, timeoutMs);
  let sender: ReturnType<typeof load> | undefined;
  let warned = false;
  const underWay = new Set<Promise<void>>();

  const send = async (spans: ReadableSpan[], done: (result: ExportResult) => void): Promise<void> => {
    try {
      sender ??= load();
      await (await sender).send(spans);
      warned = false;
      done({ code: ExportResultCode.SUCCESS });
    } catch (error) {
      if (!warned) logger.warn({ endpoint: url.href }, `spans are dropped, no receiver for them: ${messageOf(error)}`);
      warned = true;
      done({ code: ExportResultCode.FAILED });
    }
  };

  const settle = async (): Promise<void> => {
    await Promise.all(underWay);
  };

  return {
    export(spans, done) {
      const sending = send(spans, done).finally(() => underWay.delete(sending));
      underWay.add(sending);
    },
    forceFlush: settle,
    async shutdown() {
      await settle();
      if (sender) (await sender).close();
    },
  };
}

function tracesUrl(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new EbbError('EBB_CONFIG', `"${endpoint}" is no endpoint for OTLP: write it like http://127.0.0.1:4318`);
  }
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
  return url;
}
