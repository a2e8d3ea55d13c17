export { toContract, type VersionContract } from './contract';
export {
  describeDeployment,
  type DescribedDeployment,
  type DescribedVersion,
} from './describeDeployment';
export { exampleRequest } from './exampleRequest';
export type { OpenApiDocument } from './openApi';
