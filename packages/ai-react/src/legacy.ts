/**
 * What the `/legacy` entries of the plugins are made with: our components in an app of the old
 * frontend system.
 *
 * @packageDocumentation
 */
export * from './legacy/inLegacyApp';
export * from './legacy/LegacyPage';
