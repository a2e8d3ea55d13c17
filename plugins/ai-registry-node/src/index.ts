/**
 * What modules add to the registry's backend.
 *
 * @packageDocumentation
 */
export {
  type ArtifactUser,
  type ArtifactUsersExtensionPoint,
  artifactUsersExtensionPoint,
} from './artifactUsers';
export {
  type OwnGate,
  type OwnGateAnswer,
  type OwnGateRequest,
  type PromotionGatesExtensionPoint,
  promotionGatesExtensionPoint,
} from './promotionGates';
