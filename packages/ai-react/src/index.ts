/**
 * Charts, small views and live data shared by the Greenroom pages.
 *
 * @packageDocumentation
 */
export * from './charts';
export * from './format';
export * from './live';
export * from './tables';
export * from './views';
