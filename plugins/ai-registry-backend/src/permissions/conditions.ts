import { createConditionExports } from '@backstage/plugin-permission-node';
import {
  aiDatasetResourceRef,
  isDatasetNamed,
  isDatasetOwner,
} from './datasetPermissions';
import {
  aiModelResourceRef,
  isModelNamed,
  isModelOwner,
} from './modelPermissions';
import {
  aiModelInEnvironmentResourceRef,
  isInEnvironment,
  isOwnerOfModelInEnvironment,
} from './placePermissions';

const onModels = createConditionExports({
  resourceRef: aiModelResourceRef,
  rules: { isModelNamed, isModelOwner },
});

/** Conditions on models, for a policy of one's own. */
export const aiModelConditions = onModels.conditions;
export const createAiModelConditionalDecision =
  onModels.createConditionalDecision;

const onPlaces = createConditionExports({
  resourceRef: aiModelInEnvironmentResourceRef,
  rules: { isModelOwner: isOwnerOfModelInEnvironment, isInEnvironment },
});

/** Conditions on models in environments, for a policy of one's own. */
export const aiModelInEnvironmentConditions = onPlaces.conditions;
export const createAiModelInEnvironmentConditionalDecision =
  onPlaces.createConditionalDecision;

const onDatasets = createConditionExports({
  resourceRef: aiDatasetResourceRef,
  rules: { isDatasetNamed, isDatasetOwner },
});

/** Conditions on datasets, for a policy of one's own. */
export const aiDatasetConditions = onDatasets.conditions;
export const createAiDatasetConditionalDecision =
  onDatasets.createConditionalDecision;
