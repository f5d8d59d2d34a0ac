import type { Condition, Pod, WithConditions } from './resources.ts';

/** Why a resource is not ready; undefined when it is. What its controller has not seen yet is not ready. */
export function whyNotReady({ metadata, status }: WithConditions): string | undefined {
  const { generation = 0 } = metadata;
  if (!status?.conditions || (status.observedGeneration ?? 0) < generation) return 'its controller has not seen it yet';
  const ready = status.conditions.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return undefined;
  // The reason is often with a part: the whole only says that a part is not ready.
  const failing = ready && saysWhy(ready) ? ready : status.conditions.find(isFailing);
  return failing ? textOf(failing) : 'it says nothing of being ready';
}

function isFailing(condition: Condition): boolean {
  return condition.status !== 'True' && saysWhy(condition);
}

const saysWhy = ({ reason, message }: Condition): boolean => Boolean(message ?? reason);

function textOf({ type, status, reason, message }: Condition): string {
  const text = [reason, message].filter((part) => part !== undefined && part !== '').join(': ');
  return text === '' ? `${type} is ${status}` : text;
}

export function isReadyPod({ status }: Pod): boolean {
  return status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}

/** What holds a pod up, as its containers say. */
export function troubleOf({ status }: Pod): string | undefined {
  const waiting = status?.containerStatuses?.find(({ state }) => state?.waiting?.reason !== undefined);
  if (!waiting) return undefined;
  const { reason, message } = waiting.state?.waiting ?? {};
  return `container ${waiting.name} waits: ${[reason, message].filter((part) => part !== undefined).join(': ')}`;
}

export function restartsOf({ status }: Pod): number {
  return status?.containerStatuses?.reduce((sum, { restartCount }) => sum + restartCount, 0) ?? 0;
}
