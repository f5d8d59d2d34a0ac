import type { CatalogueReport, PublishReceipt, PublishRequest, StatusReport, TailEvent, TraceReport } from './api.ts';
import type { ControlClient } from './control-client.ts';

export interface TailFilter {
  /** A trailing * stands for any ending. */
  readonly type?: string;
  readonly subject?: string;
}

export interface RenderTrace {
  readonly color: boolean;
  readonly width: number;
}

/** Asks `/dead…` of a control API. */
export type DeadClient = Pick<ControlClient, 'get' | 'post'>;

/** An Ebb that commands look at and work on: the runtime on this machine, or one that is installed in a cluster. */
export interface Target {
  status(): Promise<StatusReport>;
  catalogue(): Promise<CatalogueReport>;
  publish(request: PublishRequest): Promise<PublishReceipt>;
  /** By event id or trace id. */
  trace(id: string, options: RenderTrace): Promise<TraceReport>;
  /** What passes, until the signal is aborted. */
  tail(filter: TailFilter, signal: AbortSignal): AsyncIterable<TailEvent>;
  /** What serves `/dead…` of the control API. */
  dead(): Promise<DeadClient>;
}

/** A filter as query of `/events`. */
export function tailQuery({ type, subject }: TailFilter): string {
  return new URLSearchParams({
    ...(type !== undefined && { type }),
    ...(subject !== undefined && { subject }),
  }).toString();
}

/** How a trace is to be drawn, as query of `/traces/…`. */
export function renderQuery({ color, width }: RenderTrace): string {
  return new URLSearchParams({ color: color ? '1' : '0', width: String(width) }).toString();
}
