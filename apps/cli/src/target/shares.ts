/** `orders-00002 90 %, orders-00003 10 %` */
export function sharesText(shares: readonly { readonly revision: string; readonly percent: number }[]): string {
  return shares.map(({ revision, percent }) => `${revision} ${percent} %`).join(', ') || 'nothing';
}
