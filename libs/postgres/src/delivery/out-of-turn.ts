/** Rolls a claim back: an earlier event of the key is parked, so it is not this delivery's turn. */
export class OutOfTurn extends Error {
  /** The row of the delivery itself, when it was parked before. */
  readonly parkedId: string | null;

  constructor(parkedId: string | null) {
    super('an earlier event of the key is parked');
    this.parkedId = parkedId;
  }
}
