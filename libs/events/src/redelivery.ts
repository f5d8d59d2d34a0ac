/** The platform's topic, and broker, for events that are sent again to one function. */
export const REDELIVERY_TOPIC = 'redelivery';
/** The extension that names the function that a redelivery is for: "service/function". */
export const TARGET_ATTRIBUTE = 'ebbtarget';
/** The extension that says how often a person has sent the event again. */
export const REDRIVE_COUNT_ATTRIBUTE = 'redrivecount';

/** How a redelivery names its function. */
export function targetOf(service: string, fn: string): string {
  return `${service}/${fn}`;
}
