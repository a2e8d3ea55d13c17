/**
 * The data plane as a library: put a server together, start and stop it.
 *
 * @packageDocumentation
 */
export { ConfigError, readConfig, type Config } from './config';
export { createServer, type InferenceServer } from './createServer';
export {
  createLogger,
  type Logger,
  type LogFields,
  type LogLevel,
} from './logger';
