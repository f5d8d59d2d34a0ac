import { setting } from '@ebb/core';

const MAX_CONNECTIONS = 20_000;

/** What the gateway can be told, besides where things are. */
export const GATEWAY_SETTINGS = {
  ROUTES_FILE: setting.optional(
    setting.text({ description: 'a file with routes and issuers of its own, YAML or JSON; watched' }),
  ),
  API_TITLE: setting.text({ description: 'what the API is called in its documents', default: 'API' }),
  TRUSTED_PROXIES: setting.list({
    description: 'addresses and networks (10.0.0.0/8) whose X-Forwarded-* headers are believed',
    default: [],
  }),
  MAX_CONNECTIONS: setting.integer({
    description: 'how many clients may be connected at once',
    default: MAX_CONNECTIONS,
    min: 1,
  }),
  HEADERS_TIMEOUT: setting.duration({ description: 'how long a client may take to send headers', default: 10_000 }),
  REQUEST_TIMEOUT: setting.duration({
    description: 'how long a client may take to send a whole request',
    default: 300_000,
  }),
  KEEP_ALIVE: setting.duration({
    description: 'how long a connection may wait for its next request; longer than what stands before the gateway',
    default: 75_000,
  }),
  IDLE_TIMEOUT: setting.duration({ description: 'how long nothing may move in an answer', default: 60_000 }),
  STREAM_IDLE_TIMEOUT: setting.duration({
    description: 'how long nothing may move in a stream or a WebSocket',
    default: 600_000,
  }),
  WAKE_TIMEOUT: setting.duration({
    description: "how much longer than its route's timeout a service may take that may be asleep",
    default: 30_000,
  }),
  CIRCUIT_PAUSE: setting.duration({
    description: 'how long an upstream that fails is not asked',
    default: 5_000,
  }),
  DRAIN_DELAY: setting.duration({
    description: 'how long requests are still taken after SIGTERM, until everybody knows',
    default: 2_000,
  }),
} as const;
