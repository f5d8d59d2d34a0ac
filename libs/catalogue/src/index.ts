export type {
  CatalogueEntry,
  DatabaseEntry,
  DeliveryEntry,
  EventEntry,
  FunctionEntry,
  IdentityEntry,
  JsonSchema,
  ListenEntry,
  ScaleEntry,
  ScheduleEntry,
  SettingEntry,
} from './catalogue-entry.ts';
export type { AccessEntry, AnswerEntry, CacheEntry, LimitEntry, RouteEntry } from './route-entry.ts';
export { parseCatalogueEntry } from './parse.ts';
export { verifiesIdentity } from './verifies-identity.ts';
