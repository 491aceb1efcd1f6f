export { packageVersion } from './package-version.ts';
export { type CallContext, PartialCreation, type Provider, type ResourceType } from './provider.ts';
export { serveProvider } from './serve-provider.ts';
export { servePlugin, unary } from './server.ts';
export { isUnknown, isValues, list, optionalText, text, UNKNOWN, type Value, type Values } from './values.ts';
