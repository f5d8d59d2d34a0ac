export type {
  CatalogueEntry,
  DatabaseEntry,
  DeliveryEntry,
  EventEntry,
  FunctionEntry,
  JsonSchema,
  ListenEntry,
  RouteEntry,
  ScaleEntry,
  ScheduleEntry,
  SettingEntry,
} from './catalogue-entry.ts';
export { parseCatalogueEntry } from './parse.ts';
