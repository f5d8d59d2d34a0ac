export { openCluster, type Cluster, type ClusterOptions } from './cluster.ts';
