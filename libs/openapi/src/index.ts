export type { Content, OpenApiDocument, Operation, Parameter, PathItem, Response, Server } from './document.ts';
export { GATEWAY_ANSWERS, isPublic, openApiOf, type OpenApiOptions } from './open-api-of.ts';
