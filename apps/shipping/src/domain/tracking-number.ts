const DIGITS = 12;

/** A label's number: counted up, with a check digit (Luhn) that tells a misread one. */
export function trackingNumberOf(label: bigint): string {
  const digits = label.toString().padStart(DIGITS, '0');
  return `EBB${digits}${checkDigitOf(digits)}`;
}

/** Whether a text can be the number of a label. */
export function isTrackingNumber(text: string): boolean {
  const [, digits = '', check] = /^EBB(\d{12,})(\d)$/.exec(text) ?? [];
  return digits !== '' && String(checkDigitOf(digits)) === check;
}

function checkDigitOf(digits: string): number {
  let sum = 0;
  for (let at = 1; at <= digits.length; at += 1) {
    const digit = Number(digits[digits.length - at]);
    const value = at % 2 === 1 ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
  }
  return (10 - (sum % 10)) % 10;
}
