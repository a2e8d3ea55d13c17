/**
 * What the backend plugins share.
 *
 * @packageDocumentation
 */
export * from './answerFailures';
export * from './audited';
export * from './changes';
export * from './checkEntityRef';
export * from './createApiRouter';
export * from './credentials';
export * from './database/insertMany';
export * from './databaseHealthServiceFactory';
export { openDataPlaneEntrance } from './dataPlaneEntrance/openDataPlaneEntrance';
export * from './EntityDirectory';
export * from './migrateDatabase';
export * from './nameOfActor';
export * from './notices';
export * from './database/MonthlyPartitions';
export * from './OwnershipClaims';
export * from './parseMoment';
export * from './PayloadTooLargeError';
export * from './permitted';
export * from './portalPages';
export * from './PollingLoop';
export * from './refuseUnstorableTexts';
export * from './requirePermission';
export * from './runLoops';
export * from './scopedPermissions';
export {
  createIssuedToken,
  IssuedTokens,
  ISSUED_TOKENS_TABLE,
  issuedTokensServiceRef,
  PROCESS_TOKENS_TABLE,
} from './issuedTokens';
export {
  type DeclaredToken,
  readServiceTokens,
  type ServiceToken,
  takesIssuedTokens,
} from './serviceToken';
export {
  isInScope,
  isLikeName,
  problemWithScope,
  problemWithTokenName,
  toLikePatterns,
  type TokenScope,
} from './tokenTerms';
export { serviceTokenHandlerFactory } from './serviceTokenHandler';
export * from './transfer';
export * from './WorkQueue';
