/**
 * What modules add to the registry's backend.
 *
 * @packageDocumentation
 */
export {
  type OwnGate,
  type OwnGateAnswer,
  type OwnGateRequest,
  type PromotionGatesExtensionPoint,
  promotionGatesExtensionPoint,
} from './promotionGates';
