export {
  APP_PERMISSIONS,
  GitHubStandIn,
  type StandInOptions,
} from './GitHubStandIn';
export { CLAIMS_OF_A_RUN, RunTokens } from './RunTokens';
export {
  DESCRIPTION_VARIABLE,
  startForTest,
  startStandIn,
  type StartedStandIn,
} from './startStandIn';
export { signatureOf, type Delivery } from './Webhooks';
export type { Fault, FaultRule } from './http/Faults';
