import { messageOf } from '@ebb/core';
import { DEFAULT_NAMESPACE, groupName, trapsOfTrigger, type Trigger } from '@ebb/knative';
import type { BrokerEntry, BrokerRegistry } from './broker-registry.ts';
import type { DeliveryPorts } from './delivery.ts';
import { triggerConfig } from './trigger-config.ts';
import { TriggerRunner } from './trigger-runner.ts';
import type { TriggerStatus } from './trigger-status.ts';

/** How long a Trigger that changes its topic or goes away waits for what is under way. */
const HANDOVER_MS = 10_000;

/** Runs the Triggers: each is a consumer group of its own on the topic of its Broker. */
export interface Dispatcher {
  /** Adds or changes a Trigger. Resolves when it consumes, or when it waits for its Broker. */
  apply(trigger: Trigger): Promise<void>;
  remove(namespace: string, name: string): Promise<void>;
  /** A Broker came, changed or went: its Triggers follow. */
  brokerChanged(namespace: string, name: string): Promise<void>;
  status(): readonly TriggerStatus[];
  stop(timeoutMs: number): Promise<void>;
}

interface Slot {
  trigger: Trigger;
  runner?: TriggerRunner;
}

export interface DispatcherOptions extends DeliveryPorts {
  readonly brokers: BrokerRegistry;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { brokers, traps, logger } = options;
  const slots = new Map<string, Slot>();
  // Changes of one Trigger are made one after the other, so that two of them cannot leave two consumers behind.
  const changes = new Map<string, Promise<void>>();
  const inTurn = (key: string, change: () => Promise<void>): Promise<void> => {
    const done = (changes.get(key) ?? Promise.resolve()).then(change);
    const settled = done.catch(() => undefined);
    changes.set(key, settled);
    void settled.then(() => {
      if (changes.get(key) === settled) changes.delete(key);
    });
    return done;
  };

  const settle = async (slot: Slot): Promise<void> => {
    const broker = brokerOf(slot.trigger, brokers);
    const { runner } = slot;
    if (runner && runner.config.topic !== broker?.topic) {
      delete slot.runner;
      await runner.stop(HANDOVER_MS);
    }
    if (!broker) return;
    const config = triggerConfig(slot.trigger, broker);
    if (slot.runner) slot.runner.update(config);
    else slot.runner = await TriggerRunner.start(config, options);
  };

  const follow = async (key: string, namespace: string, name: string): Promise<void> => {
    const slot = slots.get(key);
    if (slot?.trigger.spec.broker !== name) return;
    const { metadata } = slot.trigger;
    if ((metadata.namespace ?? DEFAULT_NAMESPACE) !== namespace) return;
    // A Trigger that cannot follow must not keep the others from it.
    await settle(slot).catch((error: unknown) => {
      logger.error({ trigger: metadata.name, reason: messageOf(error) }, 'the Trigger cannot follow its Broker');
    });
  };

  return {
    apply: (trigger) => {
      const key = keyOf(trigger);
      return inTurn(key, async () => {
        const known = slots.get(key);
        const broker = brokerOf(trigger, brokers);
        // Refused before anything changes: a Trigger that is not valid leaves the one before it at work.
        if (broker) triggerConfig(trigger, broker);
        const slot: Slot = known ?? { trigger };
        slot.trigger = trigger;
        slots.set(key, slot);
        await settle(slot).catch((error: unknown) => {
          if (!slot.runner) slots.delete(key);
          throw error;
        });
        for (const { trap, detail } of trapsOfTrigger(trigger, broker?.resource)) {
          traps.report(trap, trigger.metadata.name, detail);
        }
      });
    },
    remove: (namespace, name) =>
      inTurn(`${namespace}/${name}`, async () => {
        const slot = slots.get(`${namespace}/${name}`);
        slots.delete(`${namespace}/${name}`);
        await slot?.runner?.stop(HANDOVER_MS);
      }),
    async brokerChanged(namespace, name) {
      // Those that are being added as well: they may have looked for the Broker before it came.
      const keys = new Set([...slots.keys(), ...changes.keys()]);
      await Promise.all([...keys].map((key) => inTurn(key, () => follow(key, namespace, name))));
    },
    status: () => [...slots.values()].map((slot) => slot.runner?.status() ?? waiting(slot.trigger)),
    async stop(timeoutMs) {
      await Promise.all(changes.values());
      const runners = [...slots.values()].flatMap(({ runner }) => runner ?? []);
      slots.clear();
      await Promise.all(runners.map((runner) => runner.stop(timeoutMs)));
    },
  };
}

function keyOf({ metadata: { namespace = DEFAULT_NAMESPACE, name } }: Trigger): string {
  return `${namespace}/${name}`;
}

function brokerOf({ metadata, spec }: Trigger, brokers: BrokerRegistry): BrokerEntry | undefined {
  return brokers.get(metadata.namespace ?? DEFAULT_NAMESPACE, spec.broker);
}

/** The status of a Trigger whose Broker does not exist yet. */
function waiting({ metadata: { namespace = DEFAULT_NAMESPACE, name }, spec }: Trigger): TriggerStatus {
  return {
    namespace,
    name,
    broker: spec.broker,
    topic: undefined,
    group: groupName(namespace, name),
    order: 'unordered',
    subscriber: '',
    notReady: `there is no broker ${spec.broker}`,
    lag: 0,
    inFlight: 0,
    delivered: 0,
    retried: 0,
    deadLettered: 0,
    lost: 0,
    discarded: 0,
  };
}
