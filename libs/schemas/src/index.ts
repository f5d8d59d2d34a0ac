export { Shortage, StockRejected, StockReserved, StockRestocked } from './inventory.ts';
export { Money } from './money.ts';
export { OrderId } from './order-id.ts';
export { OrderLine, OrderLines, Quantity, Sku, totalOf } from './order-lines.ts';
export { OrderConfirmed, OrderPlaced, OrderRejected } from './orders.ts';
