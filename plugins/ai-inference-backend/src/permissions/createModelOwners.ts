import { aiInferencePermissions } from '@greenroom/plugin-ai-inference-common';
import type { InferenceParts } from '../inferenceParts';
import {
  aiDeploymentResourceRef,
  isDeployedInEnvironment,
  isOwnerOfDeployedModel,
} from './deploymentPermissions';
import { ModelOwners } from './ModelOwners';

/** Who owns what is deployed, which the permission framework is told, too. */
export function createModelOwners(parts: InferenceParts): ModelOwners {
  const owners = new ModelOwners(parts);
  parts.permissionsRegistry.addResourceType({
    resourceRef: aiDeploymentResourceRef,
    permissions: aiInferencePermissions,
    rules: [isOwnerOfDeployedModel, isDeployedInEnvironment],
    getResources: refs => owners.findDeployments(refs),
  });
  return owners;
}
