export { openCluster, type Cluster, type ClusterOptions, type ServiceAddress } from './cluster.ts';
export { prepareNamespace } from './deploy/prepare.ts';
export { waitUntilReady, type Waiting, type WaitOptions } from './deploy/wait.ts';
export { canary, type CanaryOptions, type CanaryProgress, type CanaryResult } from './rollout/canary.ts';
export { heldServices, holdTraffic } from './rollout/hold.ts';
export { rollback, type RollbackOptions, type RolledBack } from './rollout/rollback.ts';
