// What the relay of a cluster serves to operators: the same control API as here, without what only a runtime on one machine knows.
export { createOperator, type Operator, type OperatorOptions } from './operator/operator-handler.ts';
