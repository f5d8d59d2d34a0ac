/** How much there is of one product. */
export interface StockLevel {
  readonly sku: string;
  readonly name: string;
  /** In the warehouse. */
  readonly onHand: number;
  /** Of these, set aside for orders. */
  readonly reserved: number;
  /** What can still be ordered. */
  readonly available: number;
}
