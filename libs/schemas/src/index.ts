export {
  ChallengeIssued,
  ChallengePurpose,
  ErasureFellDue,
  KeyRotationFellDue,
  LoginFailed,
  RevocationReason,
  SessionRevoked,
  TidyingFellDue,
  UserDeleted,
  UserField,
  UserId,
  UserRegistered,
  UserRestored,
  UserUpdated,
} from './accounts.ts';
export { Address } from './address.ts';
export { IdempotencyKey } from './idempotency-key.ts';
export { Shortage, StockRejected, StockReleased, StockReserved, StockRestocked } from './inventory.ts';
export { Money } from './money.ts';
export { AlarmKind, AlarmRaised } from './notifications.ts';
export { OrderId } from './order-id.ts';
export { OrderLine, OrderLines, Quantity, Sku, totalOf } from './order-lines.ts';
export {
  CaptureRequested,
  PaymentRequested,
  PaymentWindowExpired,
  StockReleaseRequested,
  VoidRequested,
} from './order-requests.ts';
export { OrderCancelled, OrderConfirmed, OrderExpired, OrderPlaced, OrderRejected, OrderTerms } from './orders.ts';
export { AuthorizationSettled, DecisionFellDue } from './payment-provider.ts';
export { PaymentToken } from './payment-token.ts';
export { CaptureRefused, PaymentAuthorized, PaymentCaptured, PaymentDeclined, PaymentVoided } from './payments.ts';
export { LabelCreated, ShippingQuoted, ShippingRejected } from './shipping.ts';
export { wholeNumber } from './whole-number.ts';
